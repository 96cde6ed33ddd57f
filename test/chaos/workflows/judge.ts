import { expect } from 'vitest'
import type { RunDocument } from '../../../src/run/document.ts'
import { actsIn } from '../asks/acts.ts'
import type { Lived } from './life.ts'

const END = {
  status: 'failed',
  error: 'It is sold out.',
  steps: { charge: { undone: true }, mail: { status: 'completed' }, child: { value: { result: [1, null] } } },
} satisfies { readonly [key in keyof RunDocument]?: unknown }

const REPEATABLE = [
  ...['look', 'charge', 'inner 1', 'inner 2', 'label', 'printed', 'stamped', 'count 1', 'count 2', 'count 3', 'refund'],
  ...['tick 1', 'tick 2', 'tick 3', 'tick 4', 'tick 5'],
]

/** Checks that all orders ended as without a kill. Each kill cuts off an act of each order at most, which is then repeated. */
export function checkLife(folder: string, { runs, total }: Lived, where: string, kills: number): void {
  const acts = actsIn(folder)
  for (const { id, run, events } of runs) {
    const place = `${where}: ${id}`
    expect(run, place).toMatchObject(END)
    const [seen, counted, ...others] = events
    expect(seen, place).toEqual({ mail: null, one: [1, null], two: [2, null], go: 'now', ...PRINTED })
    expect([counted, others], place).toEqual([expect.any(Number), []])
    const linesOf = (word: string) => acts.filter((line) => line.startsWith(`${id} ${word}`))
    expect(linesOf('mail'), place).toEqual([`${id} mail`])
    let repeated = 0
    for (const word of REPEATABLE) {
      const lines = linesOf(word)
      repeated += lines.length - 1
      // an attempt that is made again has the same key
      expect([lines.length > 0, new Set(lines).size], `${place}: ${word}`).toEqual([true, 1])
    }
    // two of its steps are at work at once, at most
    expect(repeated, `${place}: ${acts}`).toBeLessThanOrEqual(2 * kills)
  }
  expect(total, where).toBe(runs.length)
  const counts = runs.map(({ events }) => events[1] as number)
  expect(
    counts.toSorted((a, b) => a - b),
    where,
  ).toEqual(runs.map((_, at) => at + 1))
}

const PRINTED = { labelled: { text: 'label' }, printed: { was: { text: 'printed' } }, answer: 'It is stamped.' }

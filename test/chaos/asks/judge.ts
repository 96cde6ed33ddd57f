import { expect } from 'vitest'
import { actsIn } from './acts.ts'
import type { Lived } from './life.ts'

/** What a life without a kill does outside, in order: the two cycles, and the own phase. */
export const ACTS = [
  ...['model action', 'send', 'model action'],
  ...['model experience', 'model intention', 'model observation', 'model understanding'],
  ...['model experience', 'model intention', 'model observation', 'model understanding'],
  ...['stamp', 'log', 'keep', 'stamp', 'model yield'],
]

const END = {
  answer: {
    status: 'completed',
    answer: 'at 9:40 <vid>w1</vid> from the old pier <vid>w2</vid> The kiln reaches 900 degrees. stamped',
    citations: [{ file: 'https://pier.example/' }, { file: 'https://ferry.example/' }],
    degraded: [],
  },
  rewards: { shared: { status: 'copied' }, novelty: '100000000000' },
  balance: { balance: '100000000000', entries: 1 },
  receipts: [true],
  amounts: [[1, '100000000000']],
  verified: true,
  remembered: [
    'ask When does the ferry leave?\n\nat 9:40 from the old pier The kiln reaches 900 degrees. stamped',
    'intention to know',
    'note The kiln reaches 900 degrees.',
    'observation noted',
  ],
  priors: [[true, 'When does the ferry leave?']],
}

/** Checks that an ask that so many kills cut off came to its end, and that nothing happened twice. */
export function checkLife(folder: string, lived: Lived, where: string, kills: number): void {
  expect(lived, where).toMatchObject(END)
  const acts = actsIn(folder)
  const namesOf = (acts: readonly string[]) => acts.map((act) => (act.startsWith('model') ? act : act.split(' ')[0]!))
  const names = namesOf(acts)
  // a repetition has the key of the act that was cut off
  expect(
    namesOf([...new Set(acts)]).filter((name) => !name.startsWith('model')),
    where,
  ).toEqual(ACTS.filter((act) => !act.startsWith('model')))
  expect(
    names.filter((name) => name === 'send' || name === 'log'),
    where,
  ).toEqual(['send', 'log'])
  // at most the acts that kills cut off are repeated
  expect(new Set(names), where).toEqual(new Set(ACTS))
  expect(names.length, where).toBeLessThanOrEqual(ACTS.length + kills)
}

import { mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import type { RunDocument } from '../../src/run/document.ts'
import type { Kill } from './flush/database.ts'
import { isKilled } from './killed.ts'
import { effectsIn, flushesIn, live } from './workflows/life.ts'

/** Every so many sides of a flush are enough for the short form; ANTIPHON_KILLS asks for all. */
const STRIDE = process.env.ANTIPHON_KILLS === undefined ? 11 : 1

const CHILD = join(import.meta.dirname, 'workflows/child.ts')

const END = {
  status: 'failed',
  error: 'It is sold out.',
  steps: { charge: { undone: true }, mail: { status: 'completed' }, child: { value: { result: [1, null] } } },
}

/** What was done outside: how often, and under how many keys. */
function checkLife(folder: string, run: RunDocument, where: string): void {
  expect(run, where).toMatchObject(END)
  const effects = effectsIn(folder)
  const linesOf = (word: string) => effects.filter((line) => line.startsWith(word))
  expect(linesOf('mail'), where).toEqual(['mail'])
  for (const word of ['look', 'charge', 'inner 1', 'inner 2', 'label', 'refund', 'count 1', 'count 2', 'count 3']) {
    const lines = linesOf(word)
    // the kill cuts off one attempt at most, and the next one has the same key
    expect([lines.length === 1 || lines.length === 2, new Set(lines).size], `${where}: ${word}`).toEqual([true, 1])
  }
  expect(effects.length, where).toBeLessThanOrEqual(12)
}

test('a run is killed at its flushes: it ends as without a kill, and nothing is done twice', async () => {
  const base = mkdtempSync(join(tmpdir(), 'antiphon-workflows-'))
  onTestFinished(() => rmSync(base, { recursive: true, force: true, maxRetries: 5 }))
  const make = (name: string) => {
    mkdirSync(join(base, name))
    return join(base, name)
  }
  const calm = make('calm')
  checkLife(calm, await live({ folder: calm }), 'calm')
  const flushes = Array.from({ length: flushesIn(calm) }, (_, index) => index + 1)
  const kills = flushes.flatMap((flush): Kill[] => [
    { side: 'before', flush },
    { side: 'after', flush },
  ])
  const chosen = kills.filter((_, place) => place % STRIDE === 0)
  let killed = 0
  for (const kill of chosen) {
    const folder = make(`life-${chosen.indexOf(kill)}`)
    if (await isKilled(CHILD, { folder, kill }, 30_000)) killed++
    checkLife(folder, await live({ folder }), `${kill.side} flush ${kill.flush}`)
  }
  // the number of flushes differs from life to life: the last ones may not come
  expect(killed).toBeGreaterThan(0.7 * chosen.length)
}, 600_000)

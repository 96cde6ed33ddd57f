import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import type { Kill } from './flush/database.ts'
import { flushesIn, live, thoughtsIn } from './goals/life.ts'
import { isKilled } from './killed.ts'
import { callsIn, fileLog, LEDGER } from './kinds/log.ts'

const SETTINGS = {
  model: 'lab/one',
  models: [{ id: 'lab/one', cost: { input: 1, output: 1 } }],
  plugins: [join(import.meta.dirname, 'kinds/plugin.ts')],
  roots: ['.'],
}

/** Every third flush is enough for the short form; ANTIPHON_KILLS asks for all. */
const STRIDE = process.env.ANTIPHON_KILLS === undefined ? 3 : 1

test('a goal is killed at its flushes; no finished thought is paid twice, and no call is made twice', async () => {
  const base = mkdtempSync(join(tmpdir(), 'antiphon-goals-'))
  onTestFinished(() => rmSync(base, { recursive: true, force: true, maxRetries: 5 }))
  const make = (name: string) => {
    const folder = join(base, name)
    mkdirSync(folder)
    writeFileSync(join(folder, 'antiphon.yaml'), JSON.stringify(SETTINGS))
    return folder
  }
  const calm = make('calm')
  const expected = await live({ folder: calm })
  expect(expected).toMatchObject({ status: 'completed', answer: 'done' })
  expect(thoughtsIn(calm)).toEqual([1, 2, 3, 4])
  expect(outcomesOf(expected)).toEqual([
    ['succeeded', 'succeeded', 'succeeded'],
    ['succeeded'],
    ['failed', 'refused'],
    [],
  ])
  const flushes = Array.from({ length: flushesIn(calm) }, (_, index) => index + 1)
  const kills = flushes.flatMap((flush): Kill[] => [
    { side: 'before', flush },
    { side: 'after', flush },
  ])
  expect(kills.length).toBeGreaterThan(20)
  const chosen = kills.filter((_, place) => place % STRIDE === 0)
  let cut = 0
  let killed = 0
  for (const kill of chosen) {
    const folder = make(`${kill.side}-${kill.flush}`)
    if (await isKilled(join(import.meta.dirname, 'goals/child.ts'), { folder, kill }, 30_000)) killed++
    const goal = await live({ folder })
    const where = `${kill.side} flush ${kill.flush}`
    expect(goal, where).toMatchObject({ status: 'completed', answer: 'done' })
    const calls = callsIn(fileLog(join(folder, LEDGER)).read()).filter(({ word }) => word === 'start')
    const keysOf = (label: string) => calls.filter((one) => one.label === label).map(({ key }) => key)
    // a call that may not be repeated was made once at most; a cut off one is told to the model as unknown
    expect(keysOf('goal sent').length, where).toBeLessThanOrEqual(1)
    if (outcomesOf(goal)[1]![0] === 'succeeded') expect(keysOf('goal sent'), where).toHaveLength(1)
    else expect(outcomesOf(goal)[1], where).toEqual(['unknown'])
    for (const label of ['goal seen', 'goal booked', 'goal kept', 'goal fails'])
      expect(new Set(keysOf(label)).size, `${where}: ${label}`).toBe(1)
    // at most the thought that the kill cut off is repeated
    const thoughts = thoughtsIn(folder)
    expect(new Set(thoughts), where).toEqual(new Set([1, 2, 3, 4]))
    expect(thoughts.length, where).toBeLessThanOrEqual(5)
    cut += thoughts.length - 4
  }
  expect(cut).toBeGreaterThan(0)
  // the number of flushes differs from life to life: the last ones may not come
  expect(killed).toBeGreaterThan(0.7 * chosen.length)
}, 240_000)

const outcomesOf = ({ rounds }: Awaited<ReturnType<typeof live>>) =>
  rounds.map(({ calls }) => calls.map(({ outcome }) => outcome))

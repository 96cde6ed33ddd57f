import { expect, test } from 'vitest'
import type { LibsqlEngine } from '../../../src/engine/libsql/engine.ts'
import { simulatedClock } from '../../../src/testing/clock.ts'
import { openEngine, writeVersion } from './open.ts'
import { ledger, walker } from './version-1/actors.ts'

/** When the engine that wrote version-3/engine.sql was killed: with a checkpoint under way, and parts and events in the log by themselves. */
const THEN = Date.UTC(2026, 9, 1)
const CHECKPOINTS = { bytes: 500, chunk: 4, trim: 4 }
const ref = (key: string) => ({ kind: 'ledger', key })

function open(path: string, clock = simulatedClock(THEN)) {
  return openEngine(path, { actors: [ledger, walker(async () => 'second')], clock, checkpoint: CHECKPOINTS })
}

/** What has been added to a ledger by its parts, by name, and what its events say it came to, one after the other. */
async function storyOf({ view }: LibsqlEngine, key: string, events: number) {
  const entries: { [name: string]: unknown } = {}
  for await (const [name, part] of view.parts(ref(key))) entries[name] = part
  const totals: unknown[] = []
  for await (const { n, body } of view.events(ref(key))) {
    expect(n).toBe(totals.length + 1)
    if (totals.push((body as { total: number }).total) === events) break
  }
  return { entries, totals }
}

const THREE = { entries: { 'entry/1': 1, 'entry/3': 2, 'entry/6': 3 }, totals: [1, 3, 6] }
const REBORN = { entries: { 'entry/2': 2 }, totals: [2] }

test('a file of version 3 opens with all parts and events, those in its log too, and its work goes on', async () => {
  const clock = simulatedClock(THEN)
  const engine = await open(writeVersion(3), clock)
  expect((await storyOf(engine, 'one', 13)).totals).toEqual([1, 3, 6, 10, 15, 21, 28, 36, 45, 55, 66, 78, 91])
  expect(await storyOf(engine, 'three', 3)).toEqual(THREE)
  expect(await storyOf(engine, 'four', 1)).toEqual({ entries: { 'entry/5': 5 }, totals: [5] })
  expect(await storyOf(engine, 'gone', 1)).toEqual(REBORN)
  expect(await engine.deadLetters.list()).toMatchObject([{ id: 'failing', problem: { message: 'it was asked to' } }])
  await engine.start()
  expect(await engine.ask({ kind: 'walker', key: 'w' }, {}, { id: 'walk' })).toEqual(['first', 'second'])
  await clock.advance(1000)
  expect(await engine.view.peek(ref('three'))).toEqual({ total: 16 })
})

test('nothing of it is lost or doubled over checkpoints and restarts', async () => {
  const path = writeVersion(3)
  for (let life = 1; life <= 3; life++) {
    const engine = await open(path)
    expect(await engine.ask(ref('one'), { add: 13 }, { id: 'early-13' })).toBe(91)
    expect(await storyOf(engine, 'three', 3)).toEqual(THREE)
    expect(await storyOf(engine, 'gone', 1)).toEqual(REBORN)
    for (let n = 1; n <= 20; n++) await engine.ask(ref(`new-${life}`), { add: n })
    expect((await storyOf(engine, `new-${life}`, 20)).totals.at(-1)).toBe(210)
    await engine.stop()
  }
  const engine = await open(path)
  expect(await engine.ask(ref('three'), { add: 4 })).toBe(10)
  expect((await storyOf(engine, 'three', 4)).totals).toEqual([1, 3, 6, 10])
  expect(Object.keys((await storyOf(engine, 'one', 13)).entries)).toHaveLength(13)
})

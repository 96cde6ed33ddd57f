import { expect, test } from 'vitest'
import { simulatedClock } from '../../../src/testing/clock.ts'
import { openEngine, writeVersion } from './open.ts'
import { ledger, walker } from './version-1/actors.ts'

/** When the engine that wrote version-1/engine.sql was killed. */
const THEN = Date.UTC(2026, 9, 1)
const CHECKPOINTS = { bytes: 1500, chunk: 4, trim: 4 }
const ref = (key: string) => ({ kind: 'ledger', key })

function open(path: string, clock = simulatedClock(THEN)) {
  return openEngine(path, { actors: [ledger, walker(async () => 'second')], clock, checkpoint: CHECKPOINTS })
}

test('a file of version 1 opens with all that was in it, and its work goes on', async () => {
  const path = writeVersion(1)
  const clock = simulatedClock(THEN)
  const engine = await open(path, clock)
  expect(await engine.view.peek(ref('one'))).toEqual({ total: 78 })
  expect(await engine.view.peek(ref('three'))).toEqual({ total: 6 })
  expect(await engine.view.peek(ref('four'))).toEqual({ total: 5 })
  const entries: string[] = []
  for await (const [name] of engine.view.parts(ref('one'))) entries.push(name)
  expect(entries).toHaveLength(12)
  expect(await engine.deadLetters.list()).toMatchObject([{ id: 'failing', problem: { message: 'it was asked to' } }])
  await engine.start()
  expect(await engine.ask({ kind: 'walker', key: 'w' }, {}, { id: 'walk' })).toEqual(['first', 'second'])
  await clock.advance(1000)
  expect(await engine.ask(ref('three'), {})).toBe(16)
})

test('its ids are remembered with their replies, over checkpoints and restarts', async () => {
  const path = writeVersion(1)
  for (let life = 1; life <= 3; life++) {
    const engine = await open(path)
    expect(await engine.ask(ref('one'), { add: 1 }, { id: 'early-1' })).toBe(1)
    expect(await engine.ask(ref('one'), { add: 12 }, { id: 'early-12' })).toBe(78)
    expect(await engine.ask(ref('three'), { add: 1 }, { id: 'late-3' })).toBe(6)
    await expect(engine.ask(ref('two'), { fail: true }, { id: 'failing' })).rejects.toMatchObject({
      message: 'it was asked to',
    })
    await engine.tell(ref('four'), { add: 4 }, { id: 'told' })
    expect(await engine.ask(ref('four'), { add: 0 })).toBe(5)
    for (let n = 0; n < 20; n++) await engine.ask(ref('five'), { add: 1 }, { id: `new-${life}-${n}` })
    await engine.stop()
  }
  const engine = await open(path, simulatedClock(THEN + 25 * 3_600_000))
  expect(await engine.ask(ref('one'), { add: 1 }, { id: 'early-1' })).toBe(79)
})

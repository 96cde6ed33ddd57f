import { expect, it, test } from 'vitest'
import { runRef } from '../../../src/house/actors.ts'
import { readSinglePart } from '../../../src/kernel/parts.ts'
import { startTerms } from '../../../src/run/later/terms.ts'
import { BEGIN, openSmallRuns } from './small-run.ts'

const MINUTE = 60_000

test('a run with a delay exists at once, and begins at its time', async () => {
  const { start, status, clock, begun, state, engine } = openSmallRuns()
  await start('a', { delay: '5m' })
  expect(await status('a')).toBe('running timed')
  const [listed] = await engine.view.list('run')
  expect(listed).toMatchObject({ key: 'a', index: { status: 'running', later: 'timed', until: BEGIN + 5 * MINUTE } })
  await clock.advance(5 * MINUTE - 1)
  expect(begun).toEqual([])
  await clock.advance(1)
  expect(await status('a')).toBe('running')
  expect(await state('a')).toMatchObject({ startedAt: BEGIN + 5 * MINUTE, name: 'name of a' })
  expect((await engine.view.list('run'))[0]!.index).not.toHaveProperty('later')
})

test('a clock that was set forward is noticed within an hour', async () => {
  const { start, clock, begun, setting } = openSmallRuns()
  await start('a', { startAt: '2026-11-30T08:30:00Z' })
  setting.skew = 72 * 60 * MINUTE
  await clock.advance(60 * MINUTE)
  expect(begun).toEqual(['a'])
})

test('a clock that was set back makes nothing begin early', async () => {
  const { start, clock, begun, setting } = openSmallRuns()
  await start('a', { delay: '10m' })
  setting.skew = -5 * MINUTE
  await clock.advance(10 * MINUTE)
  expect(begun).toEqual([])
  await clock.advance(5 * MINUTE)
  expect(begun).toEqual(['a'])
})

test('a run that is cancelled before it begins never begins', async () => {
  const { start, cancel, status, clock, begun, engine } = openSmallRuns()
  await start('a', { delay: '5m' })
  await cancel('a')
  expect(await status('a')).toBe('cancelled never')
  await clock.advance(10 * MINUTE)
  expect(begun).toEqual([])
  const types: unknown[] = []
  for await (const { body } of engine.view.events(runRef('a'), { live: false }))
    types.push((body as { readonly type: string }).type)
  expect(types).toEqual(['start-wait', 'run-end'])
})

test('a signal that comes before the run is kept for it', async () => {
  const { start, clock, state, engine } = openSmallRuns()
  await start('a', { delay: '5m' })
  const receipt = engine.ask(runRef('a'), { type: 'signal', name: 'go', value: 1 }, { correlationId: 'a' })
  await clock.advance(0)
  expect(await receipt).toMatchObject({ status: 'kept' })
  await clock.advance(5 * MINUTE)
  expect(await state('a')).toMatchObject({ status: 'running' })
  expect(await readSinglePart(engine.view.parts, runRef('a'), 'signals')).toMatchObject([{ name: 'go', value: 1 }])
})

test('a first message that its executor refuses ends the run with the reason', async () => {
  const { start, clock, status, state } = openSmallRuns()
  await start('a', { delay: '5m' }, { fails: true })
  await clock.advance(5 * MINUTE)
  expect(await status('a')).toBe('failed never')
  expect((await state('a'))!.problem).toMatchObject({ code: 'no_blob' })
})

it.each([
  [{ delay: '5m', startAt: BEGIN }, /startAt: expected either `delay` or `startAt`/],
  [{ delay: 'soon' }, /delay: expected seconds, or a time/],
  [{ delay: '400d' }, /delay: expected at most 366d/],
  [{ startAt: '2026-11-30' }, /startAt/],
  [{ queue: { key: '' } }, /queue\.key/],
  [{ queue: { key: 'k', slots: 0 } }, /queue\.slots/],
  [{ queue: { key: 'k', slot: 1 } }, /slot/],
  [{ delay: '5m', queue: { key: 'k', onConflict: 'join' } }, /`onConflict` and `debounce` go with a start/],
] as const)('%j is refused with its place', (request, message) => {
  expect(() => startTerms(request as never, BEGIN)).toThrow(message)
})

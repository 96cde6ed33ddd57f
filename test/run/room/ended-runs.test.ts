import { expect, test } from 'vitest'
import { EndedRuns } from '../../../src/run/room/list/ended-runs.ts'
import { simulatedClock } from '../../../src/testing/clock.ts'

const run = (id: string, finishedAt?: number) => ({
  ...{ id, owner: 'local', name: 'p', status: 'completed', startedAt: 0 },
  ...(finishedAt !== undefined && { finishedAt }),
})

test('a fact of a run is read once, when the run has ended for a while, and again after ten minutes without a question', async () => {
  const clock = simulatedClock()
  const ended = new EndedRuns(clock)
  let reads = 0
  const text = (of: ReturnType<typeof run>) => ended.read('text', of, async () => `read ${++reads}`)
  for (const open of [run('a'), run('a', clock.now() - 9000)]) await text(open)
  expect([await text(run('a')), reads]).toEqual(['read 3', 3])
  const over = run('a', clock.now() - 10_000)
  expect([await text(over), await text(over)]).toEqual(['read 4', 'read 4'])
  expect(await ended.read('cost', over, async () => 0.5)).toBe(0.5)
  await clock.advance(600_000)
  expect(await text(over)).toBe('read 4')
  await clock.advance(600_001)
  expect(await text(over)).toBe('read 5')
})

test('the oldest facts leave when they are too much', async () => {
  const ended = new EndedRuns(simulatedClock())
  let reads = 0
  const read = (id: string) => ended.read('text', run(id, 0), async () => `${++reads} `.padEnd(1_500_000, 'x'))
  for (const id of ['a', 'b', 'c']) await read(id)
  expect((await read('c')).startsWith('3 ')).toBe(true)
  expect((await read('b')).startsWith('2 ')).toBe(true)
  expect((await read('a')).startsWith('4 ')).toBe(true)
})

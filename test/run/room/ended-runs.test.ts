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

test('a list with more facts than are kept finds some of them again, and no more than fit', async () => {
  const ended = new EndedRuns(simulatedClock())
  const isRead = async (id: number) => {
    let reads = 0
    await ended.read('text', run(`${id}`, 0), async () => `${++reads}`.padEnd(100_000, 'x'))
    return reads === 1
  }
  const list = async () => {
    let reads = 0
    for (let id = 0; id < 60; id++) if (await isRead(id)) reads++
    return reads
  }
  expect(await list()).toBe(60)
  const again = await list()
  expect(again).toBeLessThan(60)
  // 39 of these texts fit
  expect(again).toBeGreaterThanOrEqual(60 - 39)
})

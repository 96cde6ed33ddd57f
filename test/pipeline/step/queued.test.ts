import { expect, test } from 'vitest'
import { gate } from '../../../src/testing/gate.ts'
import { readRun } from '../read-run.ts'
import { openWorkshop, tool } from '../workshop.ts'

test.each([5000, 50])('a step tells that it waited %i ms for a place in its pool, unless that is short', async (ms) => {
  let now = 0
  const hold = gate()
  const slow = tool('slow', async (given) => {
    await hold.pass()
    return given
  })
  const { start, events, engine, values } = openWorkshop({
    tools: [slow],
    workers: 1,
    services: { elapsed: () => now },
  })
  const id = await start('name: short\nsteps: [{ id: a, tool: slow }, { id: b, tool: slow }]')
  await hold.started
  now = ms
  hold.release()
  await events(id)
  const { steps } = await readRun(engine.view, values, id)
  const expected = ms < 100 ? [undefined, undefined] : [undefined, ms / 1000]
  expect([steps.a!.queued, steps.b!.queued].toSorted()).toEqual(expected.toSorted())
  expect(steps.b!.duration).toBe(ms / 1000)
})

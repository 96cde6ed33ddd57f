import { expect, test } from 'vitest'
import { answer, CLERK, openGoals } from './folder.ts'

const DEGRADED = 'health: { heapPercent: 0.1 }\n'
const WELL = 'model: lab/one\nmodels: [{ id: lab/one, cost: { input: 1, output: 1 } }]\n'

test('a new goal waits while the process is degraded, and goes on when that is over', async () => {
  const { runtime, write, open, model } = await openGoals([answer('noon')], DEGRADED)
  expect(await runtime.environments.health()).toMatchObject({ status: 'degraded' })
  const { id } = await runtime.goals.start({ agent: CLERK, goal: 'Look.' })
  await expect
    .poll(() => runtime.goals.get(id))
    .toMatchObject({
      status: 'waiting',
      wait: { type: 'health', title: expect.stringMatching(/^The process is degraded: heap [\d.]+, limit 0.1\.$/) },
    })
  // no person can do anything about it
  expect(await runtime.inbox.list()).toEqual([])
  await runtime.stop({ grace: 0 })
  expect(model.calls).toEqual([])
  write('antiphon.yaml', WELL)
  const next = await open()
  await next.engine.start()
  for await (const _ of next.goals.events(id));
  expect(await next.goals.get(id)).toMatchObject({ status: 'completed', answer: 'noon' })
})

test('a person may continue a goal that waits for the health of the process', async () => {
  const { runtime } = await openGoals([answer('noon')], DEGRADED)
  const { id } = await runtime.goals.start({ agent: CLERK, goal: 'Look.' })
  await expect.poll(async () => (await runtime.goals.get(id)).status).toBe('waiting')
  await runtime.goals.resume(id)
  for await (const _ of runtime.goals.events(id));
  expect(await runtime.goals.get(id)).toMatchObject({ status: 'completed', answer: 'noon' })
})

test('a goal whose time comes while the process is degraded waits for its health, and keeps its slot', async () => {
  const { runtime } = await openGoals([answer('noon')], DEGRADED)
  const queue = { key: 'k' }
  await runtime.goals.start({ agent: CLERK, goal: 'Look.', id: 'a', delay: 0.05, queue })
  await expect.poll(async () => (await runtime.goals.get('a')).wait?.type).toBe('health')
  await runtime.goals.start({ agent: CLERK, goal: 'Look again.', id: 'b', queue })
  await expect.poll(async () => (await runtime.goals.get('b')).wait).toMatchObject({ type: 'queue', behind: ['a'] })
  await runtime.goals.resume('a')
  await expect.poll(async () => (await runtime.goals.get('b')).wait?.type).toBe('health')
  expect(await runtime.goals.get('a')).toMatchObject({ status: 'completed', answer: 'noon' })
})

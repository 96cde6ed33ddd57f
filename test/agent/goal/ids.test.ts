import { expect, test } from 'vitest'
import { answer, CLERK, call, openGoals } from './folder.ts'

const source = { text: 'name: x\nsteps:\n  - { id: a, tool: filesystem, action: list, parameters: { path: . } }\n' }
const goal = { agent: CLERK, goal: 'Go.' }
const question = { prompt: 'a?', thread: 't', files: [], texts: [{ name: 'a', text: 'b' }] }

const CHILDREN = [
  'work.1',
  'work.25',
  'work.1.call_1',
  'work.playbook',
  'work.2.hand_off',
  'work.2.hand_off.1',
  'work.a.3',
]

test.each(CHILDREN)('the id %s is refused, because it is reserved for work of a goal or a run', async (id) => {
  const { runtime } = await openGoals([answer('well')])
  await runtime.goals.start({ ...goal, id: 'work' })
  await runtime.idle()
  const refused = { name: 'InvalidError', message: expect.stringContaining(`The id ${id} is reserved for`) }
  for (const start of [
    () => runtime.runs.start({ source, id }),
    () => runtime.goals.start({ ...goal, id }),
    () => runtime.tools.call([{ tool: 'filesystem:list', parameters: { path: '.' } }], { id }),
    () => runtime.threads.ask({ ...question, id }),
  ])
    await expect(start()).rejects.toMatchObject(refused)
})

test.each(['v.1', '2026.11.25', '.1', 'a.b c', '1', 'work.0', 'work.1'])('the id %s is not a child', async (id) => {
  const { runtime } = await openGoals([answer('well')])
  expect(await runtime.goals.start({ ...goal, id })).toEqual({ id })
  await runtime.idle()
  expect(await runtime.goals.get(id)).toMatchObject({ status: 'completed' })
})

test('a goal with calls is asked for again under its id', async () => {
  const { runtime } = await openGoals([call('filesystem_list', { path: '.' }), answer('well')])
  for (const _ of [1, 2]) expect(await runtime.goals.start({ ...goal, id: 'work' })).toEqual({ id: 'work' })
  await runtime.idle()
  expect(await runtime.goals.start({ ...goal, id: 'work' })).toEqual({ id: 'work' })
  expect(await runtime.goals.get('work')).toMatchObject({ status: 'completed', rounds: [{}, {}] })
})

test('one of several goals and runs with the same id is taken', async () => {
  const { runtime } = await openGoals([answer('well')])
  const codes = (starts: readonly Promise<unknown>[]) =>
    Promise.all(starts.map((one) => one.then(() => 'taken').catch(({ code }) => code)))
  const goals = [goal, { ...goal, goal: 'Stop.' }, { ...goal, owner: 'bob' }, goal]
  expect(await codes(goals.map((one) => runtime.goals.start({ ...one, id: 'work' })))).toEqual([
    ...['taken', 'id_taken', 'id_taken', 'taken'],
  ])
  const runs = [{ source }, { source, owner: 'bob' }]
  expect(await codes(runs.map((one) => runtime.runs.start({ ...one, id: 'run' })))).toEqual(['taken', 'id_taken'])
  await runtime.idle()
  expect(await runtime.goals.get('work')).toMatchObject({ goal: 'Go.', owner: 'local', status: 'completed' })
  const forks = ['work', (await runtime.goals.start({ ...goal, goal: 'Stop.' })).id]
  await runtime.idle()
  expect(await codes(forks.map((one) => runtime.goals.fork(one, { id: 'fork' })))).toEqual(['taken', 'id_taken'])
  expect(await runtime.goals.list()).toHaveLength(3)
})

test('a goal does not begin where a run has the id of one of its rounds', async () => {
  const { runtime } = await openGoals([answer('well')])
  await runtime.runs.start({ source, id: 'work.7' })
  await runtime.idle()
  await expect(runtime.goals.start({ ...goal, id: 'work' })).rejects.toMatchObject({
    code: 'id_taken',
    message: expect.stringContaining('the run work.7 has an id'),
  })
  expect(await runtime.goals.start({ ...goal, id: 'wor' })).toEqual({ id: 'wor' })
})

test('a goal does not begin where a run has the id of its playbook', async () => {
  const { runtime } = await openGoals([answer('well')])
  const playbook = { id: 'playbook', tool: 'pipeline-executor', parameters: { pipeline: source.text } }
  await runtime.runs.start({ source: { text: JSON.stringify({ name: 'above', steps: [playbook] }) }, id: 'work' })
  await runtime.idle()
  expect(await runtime.runs.get('work.playbook')).toMatchObject({ status: 'completed' })
  await expect(runtime.goals.start({ ...goal, id: 'work' })).rejects.toMatchObject({ code: 'id_taken' })
})

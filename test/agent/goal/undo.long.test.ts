import { existsSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { expect, test } from 'vitest'
import type { AgentDefinition } from '../../../src/agent/definition/definition.ts'
import type { ScriptedTurn } from '../../../src/testing/scripted-model.ts'
import { CLERK, call, openGoals } from './folder.ts'

const EDITOR: AgentDefinition = {
  ...CLERK,
  tools: ['filesystem:write', 'filesystem:append', 'filesystem:list'],
  approve: 'none',
  onFailure: 'undo',
}
const write = (path: string, content: string) => call('filesystem_write', { path, content })
const declined: ScriptedTurn = { error: { statusCode: 400, message: 'content_policy' } }

/** Something that happens when the model is asked. */
// biome-ignore lint/suspicious/noThenProperty: a gate is awaited when its turn comes
const once = (act: () => void): PromiseLike<void> => ({ then: (go) => Promise.resolve(act()).then(go) })

test('a goal that fails undoes its finished calls, the newest first, and then ends once', async () => {
  const script: ScriptedTurn[] = []
  const { runtime, write: put, path } = await openGoals(script)
  script.push(
    {
      calls: [
        { name: 'filesystem_write', input: { path: 'a.txt', content: 'one' } },
        { name: 'filesystem_write', input: { path: 'b.txt', content: 'new' } },
      ],
      times: 1,
    },
    call('filesystem_list', { path: '.' }),
    write('a.txt', 'two'),
    call('filesystem_append', { path: 'log.txt', content: 'x' }),
    { ...declined, gate: once(() => put('log.txt', 'foreign')) },
  )
  put('a.txt', 'before')
  const { id } = await runtime.goals.start({ agent: EDITOR, goal: 'Write.', id: 'tides' })
  await runtime.idle()
  const goal = await runtime.goals.get(id)
  expect(goal).toMatchObject({
    ...{ status: 'failed', problem: { code: 'model_filtered' }, undo: { undone: 3, failed: 1 } },
    rounds: [
      { calls: [{ undone: true }, { undone: true }] },
      { calls: [{ outcome: 'succeeded' }] },
      { calls: [{ undone: true }] },
      { calls: [{ undone: false, undoError: expect.stringContaining('log.txt') }] },
    ],
  })
  expect(goal.rounds[1]!.calls[0]).not.toHaveProperty('undone')
  expect(await readFile(path('a.txt'), 'utf8')).toBe('before')
  expect(existsSync(path('b.txt'))).toBe(false)
  const types: string[] = []
  for await (const { body } of runtime.goals.events(id)) types.push((body as { readonly type: string }).type)
  expect(types.filter((type) => /^goal-(undo|end)$/.test(type))).toEqual([
    ...['goal-undo', 'goal-undo', 'goal-undo', 'goal-undo', 'goal-end'],
  ])
  const { steps } = await runtime.runs.get('tides.1')
  expect(steps).toMatchObject({ call_1: { undone: true }, call_2: { undone: true } })
})

test('without the key nothing is undone, and a cancelled goal leaves its calls as they are', async () => {
  for (const [agent, script] of [
    [{ ...EDITOR, onFailure: undefined } as unknown as AgentDefinition, [write('a.txt', 'one'), declined]],
    [
      { ...EDITOR, approve: ['filesystem:append'] },
      [write('a.txt', 'one'), call('filesystem_append', { path: 'a.txt', content: 'x' })],
    ],
  ] as const) {
    const { runtime, path } = await openGoals(script)
    const { id } = await runtime.goals.start({ agent, goal: 'Write.' })
    await runtime.idle()
    if (agent.onFailure) await runtime.goals.cancel(id, 'not needed')
    await runtime.idle()
    const goal = await runtime.goals.get(id)
    expect(goal.status).toBe(agent.onFailure ? 'cancelled' : 'failed')
    expect(goal).not.toHaveProperty('undo')
    expect(await readFile(path('a.txt'), 'utf8')).toBe('one')
  }
})

test('a goal undoes the playbook that it followed', async () => {
  const { runtime, write: put, path } = await openGoals([write('b.txt', 'two'), declined])
  put(
    'tidy.yaml',
    'name: tidy\nsteps:\n  - { id: one, tool: filesystem, action: write, parameters: { path: a.txt, content: one } }\n  - { id: two, tool: filesystem, action: list, dependencies: [one], parameters: { path: nowhere } }\n',
  )
  const agent = { ...EDITOR, description: 'Tidies a note and adds it to the index of notes', playbook: 'tidy.yaml' }
  const { id } = await runtime.goals.start({ agent, goal: 'Tidy this note and add it to the index' })
  await runtime.idle()
  expect(await runtime.goals.get(id)).toMatchObject({ status: 'failed', undo: { undone: 2, failed: 0 } })
  expect(existsSync(path('a.txt'))).toBe(false)
  expect(existsSync(path('b.txt'))).toBe(false)
})

test('only the goal of a run may undo it, and only once', async () => {
  const { runtime, path } = await openGoals([write('a.txt', 'one'), declined])
  const { id } = await runtime.goals.start({ agent: { ...EDITOR, onFailure: 'undo' }, goal: 'Write.', id: 'tides' })
  await runtime.idle()
  await expect(runtime.goals.cancel(id, 'late')).rejects.toMatchObject({ code: 'goal_over' })
  const undo = (goal: string) => runtime.engine.ask({ kind: 'run', key: 'tides.1' }, { type: 'undo', goal })
  await expect(undo('ebb')).rejects.toThrow('belongs to another goal')
  expect(await undo('tides')).toEqual({ type: 'undo-end', undone: 0, failed: 0 })
  expect(existsSync(path('a.txt'))).toBe(false)
})

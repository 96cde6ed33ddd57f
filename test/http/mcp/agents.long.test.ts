import { mkdirSync, writeFileSync } from 'node:fs'
import { describe, expect, it, vi } from 'vitest'
import { type ScriptedTurn, scriptedModel } from '../../../src/testing/scripted-model.ts'
import { answer, call } from '../../agent/goal/folder.ts'
import { BOTH, openMcpOf, textOf } from './bench.ts'
import { rawClient } from './raw.ts'

const CLERK = ['---', 'description: Keeps notes', 'tools: [note, say]', '---', 'You keep notes.'].join('\n')
const APPROVE = { action: 'accept', content: { action: 'approve' } }

type Settings = { readonly lines?: readonly string[]; readonly serve?: string }

async function openClerk(
  script: (log: string) => readonly ScriptedTurn[],
  { lines = [], serve = 'agent:clerk, say' }: Settings = {},
) {
  const turns: ScriptedTurn[] = []
  const bench = await openMcpOf(scriptedModel(turns, 'lab/one'), `mcp: { serve: [${serve}] }`)
  turns.push(...script(bench.log))
  mkdirSync(bench.path('agents'))
  writeFileSync(
    bench.path('agents/clerk.md'),
    CLERK.replace('\n---', `${lines.map((line) => `\n${line}`).join('')}\n---`),
  )
  const token = await bench.key()
  return { ...bench, token, raw: (more?: object) => rawClient(bench.url, token, more) }
}

const NOTE = (log: string) => [call('note', { log, line: 'ebb' }), answer('It is noted.')]

it.each(BOTH)('an agent is a tool, and its answer is the result, in the revision %s', async (era) => {
  const { connect, runtime } = await openClerk(() => [call('say', { letters: 2 }), answer('It says xx.')])
  const { client, call: use } = await connect({ era })
  const { tools } = await client.listTools()
  expect(tools.find(({ name }) => name === 'agent_clerk')).toMatchObject({
    ...{ description: 'Keeps notes', inputSchema: { properties: { goal: { type: 'string' } }, required: ['goal'] } },
  })
  const result = await use('agent_clerk', { goal: 'Say it.' }, 'one')
  expect(result).toMatchObject({ structuredContent: { answer: 'It says xx.' } })
  expect(textOf(result)).toBe('It says xx.')
  const [goal] = await runtime.goals.list()
  expect(goal).toMatchObject({ id: result._meta!['antiphon/goal'], agent: 'clerk', owner: 'ada' })
  // the same id is the same goal
  expect(await use('agent_clerk', { goal: 'Say it.' }, 'one')).toEqual(result)
  expect(await use('result', { run: goal!.id })).toEqual(result)
  expect(await runtime.goals.list()).toHaveLength(1)
})

it('the result of a goal and of a run is found whatever their ids look like', async () => {
  const { connect, runtime } = await openClerk(() => [answer('well')])
  const { call: use } = await connect()
  await runtime.goals.start({ agent: 'clerk', goal: 'Go.', id: 'run_7', owner: 'ada' })
  const source = { text: 'name: p\nsteps: [{ id: a, action: debug, parameters: { message: wet } }]' }
  await runtime.runs.start({ source, id: 'goal_7', owner: 'ada' })
  expect(await use('result', { run: 'run_7' })).toMatchObject({
    ...{ structuredContent: { answer: 'well' }, _meta: { 'antiphon/goal': 'run_7' } },
  })
  expect(await use('result', { run: 'goal_7' })).toMatchObject({ _meta: { 'antiphon/run': 'goal_7' } })
  const { structuredContent } = await use('result', { run: 'goal_8' })
  expect(structuredContent).toMatchObject({ error: { code: 'not_found', message: 'There is no run goal_8.' } })
})

it('an agent that does not exist leaves the others, and a notice says so', async () => {
  const warn = vi.spyOn(process, 'emitWarning').mockImplementation(() => {})
  const { connect } = await openClerk(() => [answer('well')], { serve: 'agent:clrk, agent:clerk, say' })
  const { client, call: use } = await connect()
  const { tools } = await client.listTools()
  expect(tools.map(({ name }) => name)).toEqual(expect.arrayContaining(['agent_clerk', 'agent_clrk', 'say']))
  expect(tools.find(({ name }) => name === 'agent_clrk')!.description).toContain('There is no agent clrk.')
  expect(warn).toHaveBeenCalledExactlyOnceWith(expect.stringContaining('There is no agent clrk.'), expect.anything())
  warn.mockRestore()
  expect(await use('agent_clrk', { goal: 'Go.' })).toMatchObject({
    ...{ isError: true, structuredContent: { error: { code: 'not_found' } } },
  })
  expect(await use('agent_clerk', { goal: 'Go.' })).toMatchObject({ structuredContent: { answer: 'well' } })
})

it('a goal that fails is an error with its reason', async () => {
  const { connect } = await openClerk(() => [{ error: { statusCode: 400, message: 'content_policy' } }])
  const { call: use } = await connect()
  expect(await use('agent_clerk', { goal: 'Go.' })).toMatchObject({
    ...{ isError: true, structuredContent: { error: { place: { goal: expect.stringMatching(/^goal_/) } } } },
  })
  expect(await use('agent_clerk', { goal: '' })).toMatchObject({ isError: true })
})

describe('a call of a goal that waits for a person', () => {
  it('is a form, and the goal goes on with the answer', async () => {
    const { connect, noted } = await openClerk(NOTE)
    const asked: string[] = []
    const { call: use } = await connect({
      person({ message }) {
        asked.push(message)
        return APPROVE
      },
    })
    expect(await use('agent_clerk', { goal: 'Note it.' })).toMatchObject({
      structuredContent: { answer: 'It is noted.' },
    })
    expect(asked).toMatchObject([expect.stringMatching(/^Call note\?/)])
    expect(noted()).toHaveLength(1)
  })

  it('says how to go on where the client cannot ask', async () => {
    const { connect, runtime } = await openClerk(NOTE)
    const { call: use } = await connect()
    const waiting = await use('agent_clerk', { goal: 'Note it.' })
    const goal = waiting._meta!['antiphon/goal'] as string
    expect(waiting).toMatchObject({ isError: true, structuredContent: { error: { code: 'waiting', place: { goal } } } })
    expect(textOf(waiting)).toContain(`antiphon signal ${goal}.1 approve_call_1 approve`)
    await runtime.runs.signal(`${goal}.1`, 'approve_call_1', 'approve')
    expect(await use('result', { run: goal })).toMatchObject({ structuredContent: { answer: 'It is noted.' } })
  })

  it('says so when the goal has reached a limit, and a later look gives it no more', async () => {
    const { connect, runtime } = await openClerk(() => [call('say', { letters: 1 }, 3)], { lines: ['maxTurns: 1'] })
    const { call: use } = await connect()
    const waiting = await use('agent_clerk', { goal: 'Say it.' })
    const goal = waiting._meta!['antiphon/goal'] as string
    expect(textOf(waiting)).toContain(`antiphon agent resume ${goal}`)
    expect(await use('result', { run: goal })).toEqual(waiting)
    expect((await runtime.goals.get(goal)).limits.rounds).toBe(1)
  })
})

describe('a task of a goal', () => {
  it('asks what the goal asks, takes the answer and ends with the result', async () => {
    const { raw, noted } = await openClerk(NOTE)
    const { ask, call: use, until } = raw({ forms: false })
    const { taskId, ...task } = await use('agent_clerk', { goal: 'Note it.' })
    expect({ taskId, ...task }).toMatchObject({ status: 'working', taskId: expect.stringMatching(/^goal_/) })
    expect(await ask('tasks/get', { taskId })).toMatchObject({ statusMessage: expect.stringContaining('Call note?') })
    const forms = raw()
    const { inputRequests } = await forms.until(taskId, 'input_required')
    const [key] = Object.keys(inputRequests as object)
    await forms.ask('tasks/update', { taskId, inputResponses: { [key!]: APPROVE } })
    expect(await until(taskId, 'completed')).toMatchObject({
      result: { resultType: 'complete', structuredContent: { answer: 'It is noted.' } },
    })
    expect(noted()).toHaveLength(1)
  })

  it('is cancelled with the goal', async () => {
    const { raw, runtime } = await openClerk(NOTE)
    const { ask, call: use, until } = raw({ forms: false })
    const { taskId } = await use('agent_clerk', { goal: 'Note it.' })
    await ask('tasks/cancel', { taskId })
    await until(taskId, 'cancelled')
    expect(await runtime.goals.get(String(taskId))).toMatchObject({ status: 'cancelled' })
    // once it is over, to cancel it changes nothing
    await ask('tasks/cancel', { taskId })
  })

  it('is not found if it has no owner or another one', async () => {
    const { raw, key, url } = await openClerk(NOTE)
    const { taskId } = await raw({ forms: false }).call('agent_clerk', { goal: 'Note it.' })
    const bob = rawClient(url, await key('bob'))
    for (const id of [taskId, 'goal_none'])
      for (const method of ['tasks/get', 'tasks/update', 'tasks/cancel'])
        await expect(bob.ask(method, { taskId: id, inputResponses: {} })).rejects.toMatchObject({ code: -32_602 })
  })
})

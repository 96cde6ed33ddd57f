import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { unansweredIn } from '../context/unanswered.ts'
import { openTeam } from '../several/team.ts'
import { answer, CLERK, call, openGoals } from './folder.ts'

const APPENDED = { path: 'log.txt', content: 'x' }
const APPEND = call('filesystem_append', APPENDED)

describe('a goal that is paused', () => {
  test('ends the round of a waiting call, and goes on when it is resumed', async () => {
    const { runtime, model, open } = await openGoals([APPEND, answer('done')])
    const { id } = await runtime.goals.start({ agent: CLERK, goal: 'Append.' })
    await runtime.idle()
    await runtime.goals.pause(id)
    await runtime.goals.pause(id)
    await runtime.runs.signal(`${id}.1`, 'approve_call_1', 'approve')
    await runtime.idle()
    const paused = { status: 'paused', rounds: [{ calls: [{ outcome: 'succeeded' }] }] }
    expect(await runtime.goals.get(id)).toMatchObject(paused)
    expect(model.calls).toHaveLength(1)
    await runtime.stop()
    const next = await open()
    expect(await next.goals.get(id)).toMatchObject(paused)
    await next.goals.tell(id, 'Hurry.')
    await next.idle()
    expect(model.calls).toHaveLength(1)
    await next.goals.resume(id)
    await next.idle()
    expect(await next.goals.get(id)).toMatchObject({ status: 'completed', answer: 'done' })
    expect(model.calls[1]!.prompt).toContain('A person says: Hurry.')
    const types: string[] = []
    for await (const { body } of next.goals.events(id)) types.push((body as { readonly type: string }).type)
    expect(types.filter((type) => /^goal-(pause|resume)$/.test(type))).toEqual(['goal-pause', 'goal-resume'])
  })

  test('does not stop when it is resumed at once', async () => {
    const { runtime } = await openGoals([APPEND, answer('done')])
    const { id } = await runtime.goals.start({ agent: CLERK, goal: 'Append.' })
    await runtime.idle()
    await runtime.goals.pause(id)
    await runtime.goals.resume(id, { text: 'Go on.' })
    await runtime.runs.signal(`${id}.1`, 'approve_call_1', 'approve')
    await runtime.idle()
    expect(await runtime.goals.get(id)).toMatchObject({ status: 'completed', answer: 'done' })
  })

  test('ends without a result when it is cancelled', async () => {
    const { runtime, model } = await openGoals([APPEND])
    const { id } = await runtime.goals.start({ agent: CLERK, goal: 'Append.' })
    await runtime.idle()
    await runtime.goals.pause(id)
    await runtime.goals.cancel(id, 'not needed')
    await runtime.idle()
    expect(await runtime.goals.get(id)).toMatchObject({ status: 'cancelled' })
    expect(model.calls).toHaveLength(1)
  })
})

test('a goal is rated only when it has ended', async () => {
  const { runtime } = await openGoals([APPEND, answer('done')])
  const { id } = await runtime.goals.start({ agent: CLERK, goal: 'Append.' })
  await runtime.idle()
  await expect(runtime.goals.rate(id, 'good')).rejects.toMatchObject({
    code: 'goal_not_over',
    hint: expect.stringContaining('has ended'),
  })
  await runtime.goals.cancel(id, 'not needed')
  await runtime.idle()
  await runtime.goals.rate(id, 'bad')
  expect(await runtime.goals.get(id)).toMatchObject({ rating: 'bad' })
})

test('a later edit of its file does not change a goal that has begun, only the next one', async () => {
  const clerk = ['description: Keeps notes', 'tools: [filesystem:append, filesystem:read]']
  const script = [APPEND, { ...answer('done'), times: 1 }, call('filesystem_append', APPENDED), answer('done')]
  const { runtime, open, write, model } = await openTeam(script, { clerk })
  const names = (at: number) => model.calls[at]!.options.tools?.map(({ name }) => name)
  await runtime.goals.start({ agent: 'clerk', goal: 'Append.', id: 'a' })
  await runtime.idle()
  await runtime.stop()
  const edited = ['description: Keeps notes', 'tools: [filesystem:read, filesystem:append]', 'approve: none']
  write('agents/clerk.md', ['---', ...edited, '---', 'You shred notes.'].join('\n'))
  const next = await open()
  // the call of the goal that has begun still waits for its approval
  expect(await next.inbox.list()).toMatchObject([{ run: 'a.1' }])
  await next.runs.signal('a.1', 'approve_call_1', 'approve')
  await next.idle()
  expect(await next.goals.get('a')).toMatchObject({ status: 'completed' })
  for (const at of [0, 1]) expect(model.calls[at]!.prompt).toContain('You are the clerk.')
  expect(names(1)).toEqual(names(0))
  await next.goals.start({ agent: 'clerk', goal: 'Append.', id: 'b' })
  await next.idle()
  expect(await next.goals.get('b')).toMatchObject({ status: 'completed' })
  expect(model.calls[2]!.prompt).toContain('You shred notes.')
})

describe('each call of a request to the model has its result', () => {
  const both = (other: string, input = {}) => ({
    calls: [
      { name: 'filesystem_append', input: APPENDED },
      { name: other, input },
      { name: 'no_such_tool', input: {} },
    ],
    times: 1,
  })
  const plugins = `plugins: ['${join(import.meta.dirname, 'plugin.ts')}']\n`
  const agent = { ...CLERK, tools: [...CLERK.tools, 'endless'], onUnknown: 'tell' as const }
  const READ = { path: 'a.txt' }
  /** Resolves when the tool acts: a step that is running may not have called it yet. */
  const endlessActs = () => {
    const calls = () => (globalThis as { endless?: number }).endless ?? 0
    const before = calls()
    return () => expect.poll(calls).toBe(before + 1)
  }

  test('also after a rejection', async () => {
    const { runtime, model } = await openGoals([both('filesystem_read', READ), answer('well')])
    await runtime.goals.start({ agent, goal: 'Go.', id: 'g' })
    await runtime.idle()
    await runtime.runs.signal('g.1', 'approve_call_1', { action: 'reject', reason: 'not today' })
    await runtime.idle()
    expect(await runtime.goals.get('g')).toMatchObject({
      ...{ status: 'completed', answer: 'well' },
      rounds: [{ calls: [{ outcome: 'rejected' }, { outcome: 'failed' }, { outcome: 'refused' }] }, {}],
    })
    expect(model.calls.map(({ options }) => unansweredIn(options))).toEqual([[], []])
  })

  test('also after a cancel of its calls', async () => {
    const { runtime, model } = await openGoals([both('endless'), answer('well')], plugins)
    const acts = endlessActs()
    await runtime.goals.start({ agent: { ...agent, approve: ['filesystem:append'] }, goal: 'Go.', id: 'g' })
    await expect.poll(() => runtime.inbox.list()).toHaveLength(1)
    await acts()
    await runtime.runs.cancel('g.1', 'enough')
    await runtime.idle()
    const { status, rounds } = await runtime.goals.get('g')
    expect(status).toBe('completed')
    expect(rounds[0]!.calls).toMatchObject([
      { outcome: 'cancelled', result: 'the call was not made' },
      { outcome: 'cancelled', result: expect.stringContaining('while it was made') },
      { outcome: 'refused' },
    ])
    expect(model.calls.map(({ options }) => unansweredIn(options))).toEqual([[], []])
    expect(model.calls[1]!.prompt).toContain('the call was not made')
  })

  test.each([
    ['that have ended', both('filesystem_list', { path: '.' }), { outcome: 'succeeded' }],
    [
      'that are under way',
      both('endless'),
      { outcome: 'unknown', result: expect.stringContaining('while it was made') },
    ],
  ])('after a cancel of the goal, also those %s', async (_, calls, other) => {
    const { runtime } = await openGoals([calls], plugins)
    const tools = [...agent.tools, 'filesystem:list']
    const acts = endlessActs()
    await runtime.goals.start({ agent: { ...agent, tools, approve: ['filesystem:append'] }, goal: 'Go.', id: 'g' })
    await expect.poll(() => runtime.inbox.list()).toHaveLength(1)
    if (other.outcome === 'unknown') await acts()
    else await expect.poll(async () => (await runtime.runs.get('g.1')).steps.call_2?.status).toBe('completed')
    await runtime.goals.cancel('g', 'not needed')
    await runtime.idle()
    const { status, rounds } = await runtime.goals.get('g')
    expect(status).toBe('cancelled')
    expect(rounds[0]!.calls).toMatchObject([
      { outcome: 'cancelled', result: 'the call was not made' },
      other,
      { outcome: 'refused' },
    ])
    const remembered = async () => JSON.stringify(await runtime.memory('local').list({ space: 'agents/clerk' }))
    await expect.poll(remembered).toContain(`"outcome":"${other.outcome}"`)
    await expect.poll(remembered).toContain(other.outcome === 'succeeded' ? 'log.txt' : 'while it was made')
  })

  test('also after a cancel of its calls in another process', async () => {
    const { runtime, model, open } = await openGoals([APPEND, answer('well')])
    await runtime.goals.start({ agent, goal: 'Go.', id: 'g' })
    await runtime.idle()
    await runtime.stop()
    const next = await open()
    await next.runs.cancel('g.1', 'enough')
    await next.idle()
    expect(await next.goals.get('g')).toMatchObject({ status: 'completed', answer: 'well' })
    expect(model.calls.map(({ options }) => unansweredIn(options))).toEqual([[], []])
  })

  test('also after the end of a process in the middle of a call', async () => {
    const { runtime, model, open } = await openGoals([both('endless'), answer('well')], plugins)
    const acts = endlessActs()
    await runtime.goals.start({ agent: { ...agent, approve: ['filesystem:append'] }, goal: 'Go.', id: 'g' })
    await acts()
    await runtime.stop({ grace: 0 })
    const next = await open()
    await next.goals.resume('g')
    await expect.poll(() => next.inbox.list()).toMatchObject([{ run: 'g.1' }])
    await next.runs.signal('g.1', 'approve_call_1', 'approve')
    await next.idle()
    expect(await next.goals.get('g')).toMatchObject({
      ...{ status: 'completed', answer: 'well' },
      rounds: [{ calls: [{ outcome: 'succeeded' }, { outcome: 'unknown' }, { outcome: 'refused' }] }, {}],
    })
    expect(model.calls.map(({ options }) => unansweredIn(options))).toEqual([[], []])
  })
})

import { describe, expect, test } from 'vitest'
import { createApp } from '../../../src/http/server/app.ts'
import { until } from '../../../src/testing/index.ts'
import { fastClock } from '../../fast-clock.ts'
import { answer, CLERK, openGoals } from './folder.ts'

const HOUR = 3_600_000
const queue = { key: 'ann' }
const source = {
  text: 'name: p\nsteps: [{ id: go, tool: approval-gate, parameters: { title: Go on? } }]\noutputs: { said: "{{ go.result }}" }\n',
}
const approve = { action: 'approve' }
/** A model that never answers. */
const held = new Promise(() => {})

type Opened = Awaited<ReturnType<typeof openGoals>>['runtime']

const statusOf = async ({ goals }: Opened, id: string) => (await goals.get(id)).status
const isOver = (runtime: Opened, id: string, status = 'completed') =>
  until(async () => (await statusOf(runtime, id)) === status)
const queues = async ({ inspector }: Opened) => (await inspector.actors({ kind: 'run-queue' })).map(({ of }) => of)

/** A run of the key is at work until it is approved. */
async function openBusyKey(script: Parameters<typeof openGoals>[0]) {
  const opened = await openGoals(script)
  const { runtime } = opened
  await runtime.runs.start({ source, id: 'run', queue })
  await until(async () => (await runtime.inbox.list()).length === 1)
  return { ...opened, release: () => runtime.runs.signal('run', 'go', approve) }
}

test('a goal with a delay exists at once, and begins at its time, with its whole time and its budget', async () => {
  const begin = Date.now()
  const { runtime, model } = await openGoals([answer('done')], '', { clock: fastClock(begin, 6000) })
  const { goals, inspector } = runtime
  const { id } = await goals.start({ agent: { ...CLERK, deadline: 60 }, goal: 'Sort.', delay: '1h' })
  await until(async () => (await goals.list()).length === 1)
  const [listed] = await goals.list({ status: 'waiting' })
  expect(listed).toMatchObject({ id, goal: 'Sort.', status: 'waiting', startsAt: expect.any(Number) })
  const { startsAt } = listed!
  expect(startsAt! - begin).toBeGreaterThanOrEqual(HOUR)
  expect(await goals.get(id)).toMatchObject({
    status: 'waiting',
    wait: { type: 'start', until: startsAt, title: expect.stringMatching(/^The goal begins at \d{4}-.*Z\.$/) },
  })
  expect(await inspector.why(id)).toMatchObject({ status: 'waiting', holds: [{ type: 'start', until: startsAt }] })
  expect(await inspector.stranded()).toEqual([])
  expect(await runtime.inbox.list()).toEqual([])
  expect(await inspector.actors({ kind: 'budget' })).toEqual([])
  expect(model.calls).toEqual([])
  await isOver(runtime, id)
  const ended = await goals.get(id)
  expect(ended).toMatchObject({ answer: 'done', rounds: [{ round: 1 }] })
  expect(ended.startedAt).toBeGreaterThanOrEqual(startsAt!)
  expect(ended.limits.until - ended.startedAt).toBe(60_000)
  expect(ended).not.toHaveProperty('wait')
})

describe('a goal in the queue of a key', () => {
  test('waits behind a run, keeps texts for its first round, and does not begin when it is resumed', async () => {
    const { runtime, model, release } = await openBusyKey([answer('done')])
    const { goals, inspector } = runtime
    await goals.start({ agent: CLERK, goal: 'Sort.', id: 'one', queue })
    await goals.start({ agent: CLERK, goal: 'Sort again.', id: 'two', queue })
    await until(async () => (await goals.list()).length === 2)
    expect(await goals.get('two')).toMatchObject({
      status: 'waiting',
      wait: {
        type: 'queue',
        key: 'ann',
        place: 2,
        behind: ['run'],
        title: 'The goal begins when the key "ann" has room.',
      },
    })
    expect(await goals.list()).toMatchObject([{ behind: ['run'] }, { behind: ['run'] }])
    expect(await inspector.why('one')).toMatchObject({
      holds: [{ type: 'queue', key: 'ann', place: 1, behind: [{ kind: 'run', id: 'run' }] }, { type: 'others' }],
      waitsFor: [{ of: 'run-queue/local:ann', waitsFor: [{ of: 'run/run' }] }],
    })
    expect(await inspector.stranded()).toEqual([])
    await goals.resume('one')
    await goals.tell('one', 'Hurry.')
    await runtime.runs.start({ source, id: 'last', queue })
    expect(model.calls).toEqual([])
    await release()
    await isOver(runtime, 'two')
    expect(model.calls[0]!.prompt).toContain('A person says: Hurry.')
    expect(await statusOf(runtime, 'one')).toBe('completed')
    await until(async () => (await runtime.inbox.list()).length === 1)
    await runtime.runs.signal('last', 'go', approve)
    await until(async () => (await queues(runtime)).length === 0)
  })

  test('frees its slot when it ends, is cancelled or is removed, and its place when it does not wait any more', async () => {
    const { runtime, model } = await openGoals([{ ...answer('held'), gate: held, times: 2 }, answer('done')])
    const { goals, engine } = runtime
    for (const id of ['a', 'b', 'c', 'd']) await goals.start({ agent: CLERK, goal: id, id, queue })
    await until(async () => model.calls.length === 1)
    await goals.cancel('b', 'not needed')
    await expect
      .poll(() => goals.get('b'))
      .toMatchObject({ status: 'cancelled', problem: { message: 'not needed' }, rounds: [] })
    await goals.cancel('a', 'enough')
    await until(async () => model.calls.length === 2)
    expect(await statusOf(runtime, 'c')).toBe('thinking')
    await engine.tell({ kind: 'agent', key: 'c' }, { reason: 'gone' }, { type: 'stop' })
    await isOver(runtime, 'd')
    expect(model.calls).toHaveLength(3)
    await until(async () => (await queues(runtime)).length === 0)
  })

  test('is one of several that work, and enters after its delay', async () => {
    const { runtime, model } = await openGoals([answer('done')], '', { clock: fastClock(Date.now(), 6000) })
    const { goals } = runtime
    await runtime.runs.start({ source, id: 'run', queue })
    const { id } = await goals.start({ agent: CLERK, goal: 'Sort.', queue, delay: '10m' })
    await until(async () => (await goals.get(id)).wait?.type === 'queue')
    expect(model.calls).toEqual([])
    await runtime.runs.signal('run', 'go', approve)
    await isOver(runtime, id)
  })

  test('joins a goal and no run, is refused, or replaces both', async () => {
    const { runtime, model } = await openGoals([{ ...answer('held'), gate: held, times: 1 }, answer('done')])
    const { goals, runs } = runtime
    const start = (id: string, onConflict?: 'join' | 'reject' | 'replace', goal = 'sort') =>
      goals.start({ agent: CLERK, goal, id, queue: { ...queue, ...(onConflict && { onConflict }) } })
    expect(await start('a', 'join')).toEqual({ id: 'a' })
    expect(await start('b', 'join')).toEqual({ id: 'a', joined: true })
    await expect(start('b', 'join', 'fold')).rejects.toMatchObject({
      code: 'id_taken',
      message: expect.stringContaining('a'),
    })
    await expect(goals.get('b')).rejects.toMatchObject({ code: 'not_found' })
    await expect(start('c', 'reject')).rejects.toMatchObject({ code: 'queue_busy', data: { goal: 'a' } })
    await expect(runs.start({ source, queue: { ...queue, onConflict: 'join' } })).rejects.toMatchObject({
      code: 'queue_busy',
      message: expect.stringContaining('the goal a is open'),
    })
    await runs.start({ source, id: 'run', queue })
    await until(async () => model.calls.length === 1)
    await start('d', 'replace')
    await isOver(runtime, 'd')
    const reason = 'the goal d of the same key replaces it'
    expect(await goals.get('a')).toMatchObject({ status: 'cancelled', problem: { message: reason } })
    expect(await runs.get('run')).toMatchObject({ status: 'cancelled', error: reason })
  })

  test('begins the last of several with `debounce`', async () => {
    const { runtime, model } = await openGoals([answer('done')])
    const { goals } = runtime
    const start = (id: string, key: string, debounce: number) =>
      goals.start({ agent: CLERK, goal: id, id, queue: { ...queue, key, debounce } })
    for (const id of ['a', 'b']) await start(id, 'ann', 3600)
    const { wait } = await goals.get('b')
    expect(wait).toMatchObject({ type: 'queue', until: expect.any(Number), behind: [] })
    const rests = new Date(wait!.until!).toISOString()
    expect(wait!.title).toContain(`waits until ${rests} for another start of the key "ann"`)
    expect(await goals.get('a')).toMatchObject({ status: 'cancelled', rounds: [] })
    await start('c', 'bob', 0.2)
    await isOver(runtime, 'c')
    expect(model.calls).toHaveLength(1)
  })
})

test('an id counts once, and an owner who is forgotten leaves neither goal nor queue', async () => {
  const { runtime, release } = await openBusyKey([answer('done')])
  const { goals } = runtime
  const ann = { agent: CLERK, goal: 'Sort.', queue, owner: 'ann' }
  for (let n = 0; n < 2; n++) await goals.start({ ...ann, id: 'later', delay: '1h' })
  await expect(goals.start({ ...ann, goal: 'Other.', id: 'later', delay: '1h' })).rejects.toMatchObject({
    code: 'id_taken',
  })
  await expect(goals.start({ ...ann, owner: 'bob', id: 'later', delay: '1h' })).rejects.toMatchObject({
    code: 'id_taken',
  })
  await runtime.runs.start({ source, id: 'of-ann', owner: 'ann', queue })
  for (let n = 0; n < 2; n++) await goals.start({ ...ann, id: 'queued' })
  expect((await goals.list({ owner: 'ann' })).map(({ id }) => id).sort()).toEqual(['later', 'queued'])
  expect((await goals.get('queued')).wait).toMatchObject({ place: 1, behind: ['of-ann'] })
  await runtime.erasures.forget('ann')
  expect(await goals.list({ owner: 'ann' })).toEqual([])
  expect(await queues(runtime)).toEqual(['run-queue/local:ann'])
  await release()
})

test('a goal that was paused before it begins waits for a person then', async () => {
  const { runtime, model, release } = await openBusyKey([answer('done')])
  const { goals } = runtime
  await goals.start({ agent: CLERK, goal: 'Sort.', id: 'one', queue })
  await goals.pause('one')
  await release()
  await isOver(runtime, 'one', 'paused')
  expect(model.calls).toEqual([])
  await goals.resume('one')
  await isOver(runtime, 'one')
})

test('a goal that waits survives its process, and begins in the next one', async () => {
  const { runtime, model, open } = await openGoals([answer('done')])
  const { id } = await runtime.goals.start({ agent: CLERK, goal: 'Sort.', delay: 0.3, queue })
  await runtime.stop({ grace: 0 })
  expect(model.calls).toEqual([])
  const next = await open()
  await next.goals.resume(id)
  await isOver(next, id)
  expect(await next.goals.get(id)).toMatchObject({ answer: 'done' })
})

test('over HTTP, a goal takes `delay`, `startAt` and `queue`', async () => {
  const { runtime } = await openGoals([answer('done')])
  await runtime.agents.put('clerk', { description: 'Keeps notes', instructions: 'You keep notes.' } as never)
  const post = async (more: object) => {
    const answered = await createApp(runtime).request('/v1/agents/clerk/goals', {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ goal: 'Sort.', ...more }),
    })
    return { status: answered.status, body: (await answered.json()) as { readonly id: string } }
  }
  const delayed = await post({ delay: '5m' })
  expect(delayed.status).toBe(202)
  expect(await statusOf(runtime, delayed.body.id)).toBe('waiting')
  const dated = await post({ startAt: '2099-01-01T00:00:00Z', queue: { key: 'k' } })
  expect((await runtime.goals.get(dated.body.id)).wait).toMatchObject({ until: Date.UTC(2099, 0) })
  await runtime.runs.start({ source, id: 'run', queue })
  expect(await post({ queue: { ...queue, onConflict: 'reject' } })).toMatchObject({
    status: 409,
    body: { code: 'queue_busy' },
  })
  expect(await post({ delay: 'soon' })).toMatchObject({ status: 400, body: { code: 'invalid_input' } })
  expect(await post({ delay: '5m', startAt: 0 })).toMatchObject({
    status: 400,
    body: { detail: expect.stringContaining('expected either `delay` or `startAt`') },
  })
})

import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { gate } from '../../../src/testing/gate.ts'
import type { ScriptedTurn } from '../../../src/testing/scripted-model.ts'
import { until } from '../../../src/testing/until.ts'
import { answer, CLERK, call, openGoals } from './folder.ts'

const AGENT = { ...CLERK, approve: 'none' as const }
const append = (content: string) => call('filesystem_append', { path: 'log.txt', content })
const declined: ScriptedTurn = { error: { statusCode: 400, message: 'content_policy' }, times: 1 }
const once = (reply: string): ScriptedTurn => ({ ...answer(reply), times: 1 })

/** A goal that has failed in its third round. */
async function failed(rest: readonly ScriptedTurn[], agent = {}) {
  const opened = await openGoals([append('a\n'), append('b\n'), declined, ...rest])
  await opened.runtime.goals.start({ agent: { ...AGENT, ...agent }, goal: 'Append.', id: 'first' })
  await opened.runtime.idle()
  expect(await opened.runtime.goals.get('first')).toMatchObject({ status: 'failed', rounds: [{}, {}] })
  return { ...opened, log: () => readFileSync(opened.path('log.txt'), 'utf8') }
}

test('a goal that has failed continues as a new goal, and its calls are not made again', async () => {
  const { runtime, model, log } = await failed([append('c\n'), answer('well')], { priority: 'low' })
  const { id } = await runtime.goals.fork('first')
  await runtime.idle()
  expect(await runtime.goals.get(id)).toMatchObject({
    ...{ status: 'completed', answer: 'well', goal: 'Append.' },
    rounds: [{ run: 'first.1' }, { run: 'first.2' }, { run: `${id}.3` }, {}],
  })
  expect(log()).toBe('a\nb\nc\n')
  expect(model.calls).toHaveLength(5)
  expect(model.calls[3]!.prompt).toContain('b')
  expect(await runtime.goals.get('first')).toMatchObject({ status: 'failed' })
  for await (const [, start] of runtime.engine.view.parts({ kind: 'agent', key: id }, { prefix: 'start' }))
    expect(start).toMatchObject({ priority: 'low' })
})

test('a fork resolves when the new goal has begun', async () => {
  const held = gate()
  const { runtime } = await failed([{ ...answer('well'), gate: held.pass() }])
  const { id } = await runtime.goals.fork('first')
  expect(await runtime.goals.get(id)).toMatchObject({ status: 'thinking' })
  held.release()
  await runtime.idle()
  expect(await runtime.goals.get(id)).toMatchObject({ status: 'completed', answer: 'well' })
})

test('the model is asked again from a round on', async () => {
  const { runtime, log } = await failed([append('d\n'), once('well')])
  const { id } = await runtime.goals.fork('first', { at: 2 })
  await runtime.idle()
  const { rounds } = await runtime.goals.get(id)
  expect(rounds.map(({ run }) => run)).toEqual(['first.1', `${id}.2`, undefined])
  expect((await runtime.goals.get(id)).system).toContain(AGENT.instructions)
  // a reused round took nothing; the others say what they took of the sum
  expect(rounds.map(({ tokens }) => tokens !== undefined)).toEqual([false, true, true])
  expect(rounds.reduce((sum, { tokens = 0 }) => sum + tokens, 0)).toBe((await runtime.goals.get(id)).tokens)
  expect(rounds.map(({ model }) => model)).toEqual(Array(3).fill(rounds[1]!.model))
  expect(log()).toBe('a\nb\nd\n')
})

test('a fork of a fork reads results where they were made', async () => {
  const long = call('filesystem_read', { path: 'long.txt' })
  const opened = await openGoals([
    long,
    declined,
    { ...declined },
    call('read_result', { handle: '1.call_1', page: 2 }),
    answer('well'),
  ])
  opened.write('long.txt', 'x'.repeat(20_000))
  const { runtime } = opened
  await runtime.goals.start({ agent: AGENT, goal: 'Read.', id: 'first' })
  await runtime.idle()
  await runtime.goals.fork('first', { id: 'second' })
  await runtime.idle()
  expect(await runtime.goals.get('second')).toMatchObject({ status: 'failed' })
  await runtime.goals.fork('second', { id: 'third' })
  await runtime.idle()
  expect(await runtime.goals.get('third')).toMatchObject({
    ...{ status: 'completed' },
    rounds: [{ run: 'first.1' }, { calls: [{ tool: 'read_result', outcome: 'succeeded' }] }, {}],
  })
})

test('a completed goal is asked for its answer again', async () => {
  const { runtime, log } = await failed([once('well')])
  const { id } = await runtime.goals.fork('first')
  await runtime.idle()
  const { id: again } = await runtime.goals.fork(id)
  await runtime.idle()
  expect((await runtime.goals.get(again)).rounds.slice(0, 2)).toMatchObject([{ run: 'first.1' }, { run: 'first.2' }])
  expect(log()).toBe('a\nb\n')
})

test('the model reads that the calls of the rounds above were undone, and a fork undoes only its own', async () => {
  const write = (content: string) => call('filesystem_write', { path: 'log.txt', content })
  const agent = { ...AGENT, tools: ['filesystem'], onFailure: 'undo' as const }
  const { runtime, model, path } = await openGoals([write('a'), declined, write('b'), declined])
  await runtime.goals.start({ agent, goal: 'Write.', id: 'first' })
  await runtime.idle()
  expect(await runtime.goals.get('first')).toMatchObject({ status: 'failed', undo: { undone: 1 } })
  const { id } = await runtime.goals.fork('first')
  await runtime.idle()
  expect(model.calls[2]!.prompt).toContain('The calls of the rounds above were undone.')
  expect(await runtime.goals.get(id)).toMatchObject({ status: 'failed', undo: { undone: 1, failed: 0 } })
  expect(() => readFileSync(path('log.txt'))).toThrow('ENOENT')
})

test('a round that the goal does not have is refused', async () => {
  const { runtime } = await failed([answer('well')])
  await expect(runtime.goals.fork('first', { at: 9 })).rejects.toMatchObject({
    ...{ code: 'unknown_round', message: expect.stringContaining('expected a round from 1 to 3') },
  })
  await expect(runtime.goals.fork('none')).rejects.toMatchObject({ code: 'not_found' })
})

test('the same id forks once', async () => {
  const { runtime, model } = await failed([answer('well')])
  expect(await runtime.goals.fork('first', { id: 'next' })).toEqual({ id: 'next' })
  await runtime.idle()
  expect(await runtime.goals.fork('first', { id: 'next' })).toEqual({ id: 'next' })
  await runtime.idle()
  expect(model.calls).toHaveLength(4)
})

describe('a fork that says when it begins', () => {
  const queue = { key: 'ann' }
  const source = { text: 'name: p\nsteps: [{ id: go, tool: approval-gate, parameters: { title: Go on? } }]\n' }

  test('waits in the queue of its key with the rounds that it reuses', async () => {
    const { runtime, model, log } = await failed([answer('well')])
    const { goals, runs, inbox } = runtime
    await runs.start({ source, id: 'run', queue })
    await until(async () => (await inbox.list()).length === 1)
    const { id } = await goals.fork('first', { queue })
    expect(await goals.get(id)).toMatchObject({
      ...{ status: 'waiting', wait: { type: 'queue', key: 'ann', place: 1, behind: ['run'] } },
      rounds: [{ run: 'first.1' }, { run: 'first.2' }],
    })
    expect(await goals.fork('first', { queue: { ...queue, onConflict: 'join' } })).toEqual({ id, joined: true })
    const rejected = goals.fork('first', { queue: { ...queue, onConflict: 'reject' } })
    await expect(rejected).rejects.toMatchObject({ code: 'queue_busy', data: { run: 'run' } })
    await goals.resume(id)
    expect(model.calls).toHaveLength(3)
    await runs.signal('run', 'go', { action: 'approve' })
    await until(async () => (await goals.get(id)).status === 'completed')
    expect(await goals.get(id)).toMatchObject({ answer: 'well', rounds: [{}, {}, { round: 3 }] })
    expect(log()).toBe('a\nb\n')
    await until(async () => (await runtime.inspector.actors({ kind: 'run-queue' })).length === 0)
  })

  test('waits for its time, also behind the end of its origin and of its process', async () => {
    const { runtime, open } = await failed([answer('well')])
    const { id } = await runtime.goals.fork('first', { delay: 0.3 })
    expect(await runtime.goals.get(id)).toMatchObject({ status: 'waiting', wait: { type: 'start' } })
    await runtime.engine.tell({ kind: 'agent', key: 'first' }, { reason: 'gone' }, { type: 'stop' })
    await runtime.stop({ grace: 0 })
    const next = await open()
    await next.goals.resume(id)
    await until(async () => (await next.goals.get(id)).status === 'completed')
    expect((await next.goals.get(id)).rounds).toMatchObject([{ run: 'first.1' }, { run: 'first.2' }, {}])
    await expect(next.goals.fork(id, { delay: 'soon' })).rejects.toMatchObject({ code: 'invalid_input' })
  })
})

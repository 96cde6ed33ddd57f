import { expect, test } from 'vitest'
import { z } from 'zod'
import { defineAgent } from '../../../src/agent/definition/define-agent.ts'
import { gate as createGate, until } from '../../../src/testing/index.ts'
import { defineTool } from '../../../src/tool/tool.ts'
import { answer, call, openGoals } from '../../agent/goal/folder.ts'
import { tool } from '../../pipeline/workshop.ts'

const SECRET = 'tier-of-customer-42'

/** A tool that notes the context of each call, and waits at a gate if one is given. */
function noting(pass: () => Promise<void> | void = () => {}) {
  const seen: unknown[] = []
  const look = defineTool({
    ...tool('look', async (_, { context }) => {
      seen.push(context ?? null)
      await pass()
      return {}
    }),
    undo: (_, { context }) => void seen.push({ undone: context ?? null }),
  })
  return { look, seen }
}

const once = (reply: string) => ({ ...answer(reply), times: 1 })

test('the context of a message reaches the tools of the goal, of its sub-agents and child runs, and no model', async () => {
  const { look, seen } = noting()
  const helper = defineAgent({ name: 'helper', instructions: 'HELPER', description: 'h', tools: [look] })
  const lead = defineAgent({
    name: 'lead',
    instructions: (_, { owner, context }) => `LEAD of ${owner}, ${typeof context}`,
    tools: [look, 'pipeline-executor'],
    agents: [helper],
    approve: 'none',
  })
  const script = [
    { match: 'HELPER', ...call('look', {}) },
    { match: 'HELPER', ...once('helped') },
    call('look', {}),
    call('pipeline-executor', { pipeline: 'name: c\nsteps: [{ id: a, tool: look }]\n' }),
    call('agent_helper', { goal: 'Look.' }),
    answer('done'),
  ]
  const { runtime, model } = await openGoals(script, '', { agents: [lead, helper] })
  const context = { customer: SECRET }
  const sent = { conversation: 't', id: 'm', owner: 'ann', agent: lead, text: 'Go.', context }
  expect(await runtime.conversations.send(sent)).toMatchObject({ status: 'completed', answer: 'done' })
  expect(seen).toEqual([context, context, context])
  expect(model.calls[0]!.prompt).toContain('LEAD of ann, object')
  expect(JSON.stringify(model.calls)).not.toContain(SECRET)
  const goal = await runtime.goals.get('t.m1')
  expect(goal.context).toEqual(context)
  expect((await runtime.runs.get('t.m1.1')).context).toEqual(context)
  for await (const event of runtime.goals.events('t.m1')) expect(JSON.stringify(event)).not.toContain(SECRET)
})

test('a run, a fork, a call and a goal have a context; a result of another context is not reused', async () => {
  const { look, seen } = noting()
  const { runtime, path, write } = await openGoals(
    [call('look', {}), once('done'), call('look', {}), answer('done')],
    '',
    { tools: [look] },
  )
  write('p.yaml', 'name: p\nsteps: [{ id: a, tool: look }]\n')
  write('clerk.md', '---\ndescription: d\ntools: [look]\n---\nLook.')
  const file = path('p.yaml')
  const { runs, tools, goals } = runtime
  await runs.start({ file, id: 'r', context: 'one' })
  await runtime.idle()
  await runs.fork('r', { at: 'a', id: 'f' })
  await runtime.idle()
  await runs.start({ file, id: 'same', reuse: 'r', context: 'one' })
  await runs.start({ file, id: 'other', reuse: 'r', context: 'two' })
  await expect(runs.start({ file, from: 'a', reuse: 'r', context: 'two' })).rejects.toMatchObject({
    ...{ code: 'not_recorded', message: expect.stringContaining('had another context') },
  })
  await runtime.idle()
  expect(seen.splice(0)).toEqual(['one', 'one', 'two'])
  await tools.call([{ tool: 'look' }], { context: ['three'] })
  await goals.start({ agent: path('clerk.md'), goal: 'Look.', context: 4, id: 'g' })
  await runtime.idle()
  await goals.fork('g', { at: 1, id: 'g2' })
  await runtime.idle()
  expect(seen).toEqual([['three'], 4, 4])
})

test('an undo gets the context of the run', async () => {
  const { look, seen } = noting()
  const { runtime } = await openGoals([], '', { tools: [look] })
  const text = 'name: p\non_failure: undo\nsteps:\n  - { id: a, tool: look }\n'
  await runtime.runs.start({
    source: {
      text: `${text}  - { id: b, tool: filesystem, action: read, parameters: { path: no.txt }, dependencies: [a] }\n`,
    },
    context: 'one',
  })
  await runtime.idle()
  expect(seen).toEqual(['one', { undone: 'one' }])
})

test('a message with another context waits for its turn, one with the same context steers', async () => {
  const gate = createGate()
  const { look, seen } = noting(() => gate.pass())
  const agent = defineAgent({ name: 'a', instructions: 'Look.', tools: [look] })
  const script = [call('look', {}), once('first'), call('look', {}), answer('second')]
  const { runtime } = await openGoals(script, '', { agents: [agent] })
  const say = (id: string, context: string, onBusy?: 'interrupt') =>
    runtime.conversations.post({ conversation: 't', id, agent, text: id, context, ...(onBusy && { onBusy }) })
  await say('m1', 'one')
  await until(async () => seen.length === 1)
  expect((await say('m2', 'one')).status).toBe('joined')
  expect((await say('m3', 'two')).status).toBe('queued')
  expect((await say('m4', 'two', 'interrupt')).status).toBe('queued')
  gate.release()
  await runtime.idle()
  expect(seen).toEqual(['one', 'two'])
  expect(await runtime.conversations.get('t', 'm1')).toMatchObject({ answer: 'first' })
  expect(await runtime.conversations.get('t', 'm3')).toMatchObject({ answer: 'second' })
})

test('a context is JSON of 16 KiB that fits the agent', async () => {
  const { look, seen } = noting()
  const agent = defineAgent({
    ...{ name: 'a', instructions: 'Look.', tools: [look] },
    context: z.object({ customer: z.string(), tier: z.string().default('free') }),
  })
  const { runtime } = await openGoals([call('look', {}), answer('done')], '', { agents: [agent] })
  const start = (context?: never) =>
    runtime.goals.start({ agent, goal: 'Go.', ...(context !== undefined && { context }) })
  const refused = (context?: unknown) =>
    start(context as never).then(
      () => undefined,
      ({ code, message }) => `${code}: ${message}`,
    )
  expect(await refused()).toMatch(/^invalid_context: `context`: it does not fit the agent: /)
  expect(await refused({ customer: 7 })).toContain('customer')
  expect(await refused({ customer: 'x'.repeat(17_000) })).toContain('expected at most 16384 bytes of JSON, got 17')
  expect(await refused({ customer: new Date() })).toBe(
    'invalid_context: `context`: expected JSON, got a Date at customer',
  )
  await start({ customer: 'c' } as never)
  await runtime.idle()
  expect(seen).toEqual([{ customer: 'c', tier: 'free' }])
  expect(() => defineAgent({ name: 'b', instructions: 'x', context: { type: 'object' } as never })).toThrow(
    '`context`: expected a Standard Schema',
  )
})

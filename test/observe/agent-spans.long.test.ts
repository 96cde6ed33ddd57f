import { expect, test } from 'vitest'
import { z } from 'zod'
import { defineAgent, defineTool } from '../../src/index.ts'
import { makeProject, startIn } from '../http/program/programs.ts'
import { openReceiver, type Span } from './otlp.ts'

/** The spans of a program whose agent looks something up for `ann`, and whose second goal asks another agent. */
async function spansOf(work: (app: Awaited<ReturnType<typeof startIn>>) => Promise<unknown>) {
  const receiver = await openReceiver()
  const folder = await makeProject(`telemetry: { endpoint: '${receiver.endpoint}' }\n`)
  const look = defineTool({
    name: 'look',
    description: 'Looks up an order',
    effect: 'pure',
    input: z.object({ order: z.string() }),
    execute: () => 'planted-result',
  })
  const agent = defineAgent({ name: 'support', instructions: 'You help.', model: 'lab/one', tools: [look] })
  const script = [
    { calls: [{ name: 'look', input: { order: 'planted-order' } }], times: 1 },
    { reply: 'planted-reply' },
  ]
  const app = await startIn(folder, script, { agents: [agent] })
  await work(app)
  await app.stop()
  expect(receiver.raw.join('\n')).not.toContain('planted')
  return receiver.spans
}

const named = (spans: readonly Span[], name: string) => spans.filter((span) => span.name === name)
const parentOf = ({ parentSpanId }: Span, spans: readonly Span[]) => spans.find(({ spanId }) => spanId === parentSpanId)

function pathOf(span: Span, spans: readonly Span[]): readonly string[] {
  const parent = parentOf(span, spans)
  return parent ? [...pathOf(parent, spans), span.name] : [span.name]
}

test('an agent, its model calls and its tools have the names and ids of the conventions', async () => {
  const spans = await spansOf((app) => app.conversation('support', 'lamp', { owner: 'ann' }).send('Hi.', { id: 'm1' }))
  const at = { 'gen_ai.agent.name': 'support', 'gen_ai.conversation.id': 'ann:lamp' }
  const [agent, ...others] = named(spans, 'invoke_agent support')
  expect(others).toEqual([])
  expect(agent).toMatchObject({
    kind: 1,
    status: {},
    attributes: {
      ...at,
      'gen_ai.operation.name': 'invoke_agent',
      'antiphon.status': 'completed',
      'antiphon.rounds': 2,
    },
  })
  const [tool] = named(spans, 'execute_tool look')
  expect(tool).toMatchObject({
    attributes: {
      ...at,
      'gen_ai.operation.name': 'execute_tool',
      'gen_ai.tool.name': 'look',
      'gen_ai.tool.type': 'function',
      'gen_ai.tool.call.id': 'ann:lamp.m1.1.call_1',
    },
  })
  const chats = named(spans, 'chat one')
  expect(chats.map(({ attributes }) => attributes)).toMatchObject([at, at])
  for (const span of [tool!, ...chats])
    expect(pathOf(span, spans).slice(0, 3)).toEqual([
      'POST /v1/conversations/:conversation/messages',
      'ask',
      'invoke_agent support',
    ])
})

test('a goal without a conversation has a span in the trace of its request', async () => {
  const spans = await spansOf(async (app) => {
    const { id } = await app.goals.start({ agent: 'support', goal: 'Look.', id: 'goal_1', owner: 'ann' })
    for await (const _ of app.goals.events(id));
  })
  const [agent] = named(spans, 'invoke_agent support')
  expect(pathOf(agent!, spans)).toEqual(['POST /v1/agents/:agent/goals', 'invoke_agent support'])
  expect(agent!.attributes).not.toHaveProperty('gen_ai.conversation.id')
  expect(named(spans, 'execute_tool look')[0]!.attributes).toMatchObject({
    'gen_ai.agent.name': 'support',
    'gen_ai.tool.call.id': 'goal_1.1.call_1',
  })
})

test('a goal that fails is an error, with its code and without its text', async () => {
  const spans = await spansOf(async (app) => {
    const { id } = await app.goals.start({ agent: 'support', goal: 'Look.', id: 'goal_1', owner: 'ann' })
    await app.goals.cancel(id, 'planted reason')
    for await (const _ of app.goals.events(id));
  })
  const [agent] = named(spans, 'invoke_agent support')
  expect(agent).toMatchObject({ status: { code: 2 }, attributes: { 'antiphon.status': 'cancelled' } })
})

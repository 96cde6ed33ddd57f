import { describe, expect, it } from 'vitest'
import type { Json } from '../../../src/kernel/schema.ts'
import { toolRoundMessages } from '../../../src/model/call/tool-calling.ts'
import { generateWithTools, type ToolRunner } from '../../../src/model/call/tool-loop.ts'
import { failedUsageOf } from '../../../src/model/cost/usage.ts'
import { createModels } from '../../../src/model/registry.ts'
import type { ModelRequest } from '../../../src/model/request/request.ts'
import { type ScriptedTurn, scriptedModel } from '../../../src/testing/scripted-model.ts'

const usage = { input: 10, output: 1 }
const add = { name: 'add', description: 'Adds two numbers.', schema: { type: 'object' } }
const request = { task: { kind: 'write' }, documents: [], instruction: 'Add.', tools: [add] } as const
const signal = new AbortController().signal
const sum = async ({ input }: { readonly input: Json }) =>
  Object.values(input as Record<string, number>).reduce((a, b) => a + b)

function scripted(...script: ScriptedTurn[]) {
  const model = scriptedModel(script.map((turn) => ({ usage, ...turn })))
  const models = createModels(
    { model: 'lab/one', models: [{ id: 'lab/one', cost: { input: 1, output: 10 } }] },
    {},
    { 'lab/one': model },
  )
  const go = (hands: Partial<ToolRunner> = {}) =>
    generateWithTools((asked) => models.generate(asked, { signal }), request, { steps: 4, run: sum, ...hands }, signal)
  return { model, models, go }
}
const asks = (input: Json, name = 'add'): ScriptedTurn => ({ calls: [{ name, input }], times: 1 })

describe('a model with tools', () => {
  it('is offered them, and what it asks for is part of its reply', async () => {
    const { model, models } = scripted(asks({ a: 1, b: 2 }))
    const reply = await models.generate({ ...request, toolChoice: 'required' }, { signal })
    expect(reply).toMatchObject({ text: '', calls: [{ id: 'call_0', name: 'add', input: { a: 1, b: 2 } }] })
    expect(model.calls[0]?.options).toMatchObject({
      tools: [{ type: 'function', name: 'add', inputSchema: { type: 'object' } }],
      toolChoice: { type: 'required' },
    })
  })

  it('is told what came of it until it answers; all its calls are counted', async () => {
    const { model, go } = scripted(asks({ a: 1, b: 2 }), asks({ a: 3, b: 3 }), { reply: 'six' })
    expect(await go()).toMatchObject({
      text: 'six',
      usage: { input: 30, output: 3 },
      cost: expect.closeTo(0.00006, 10),
      rounds: [{}, {}],
    })
    expect(model.calls[2]?.options.prompt.map(({ role }) => role)).toEqual([
      'user',
      'assistant',
      'tool',
      'assistant',
      'tool',
    ])
    expect(model.calls[2]?.prompt).toContain('"value":6')
  })

  it.each<[string, ScriptedTurn, Partial<ToolRunner>, string]>([
    ['that a tool failed', asks({ a: 1 }), { run: () => Promise.reject(new Error('no sums today')) }, 'no sums today'],
    ['that there is no such tool', asks({}, 'subtract'), {}, 'there is no tool subtract; there are add'],
    [
      'that a result is too long',
      asks({ a: 1 }),
      { run: async () => 'x'.repeat(200_000) },
      'the result has 200002 characters',
    ],
  ])('is told %s', async (_, turn, hands, told) => {
    const { model, go } = scripted(turn, { reply: 'well' })
    expect(await go(hands)).toMatchObject({ text: 'well', rounds: [{ results: [{ failed: true }] }] })
    expect(model.calls[1]?.prompt).toContain('error-json')
    expect(model.calls[1]?.prompt).toContain(told)
  })

  it('has to answer with its last step, and fails when it does not', async () => {
    const { model, go } = scripted({ calls: [{ name: 'add', input: {} }] })
    const failure = await go({ steps: 2, run: async () => 0 }).catch((error: unknown) => error)
    expect(failure).toMatchObject({ name: 'TerminalError', code: 'model_invalid_output' })
    expect(failedUsageOf(failure)).toMatchObject({
      model: 'lab/one',
      usage: { input: 20, output: 2 },
      cost: expect.closeTo(0.00004, 10),
    })
    expect(model.calls.map(({ options }) => options.toolChoice?.type)).toEqual(['auto', 'none'])
  })

  it('costs what it took before it failed', async () => {
    const { go } = scripted(asks({ a: 1 }), { reply: '' })
    const failure = await go().catch((error: unknown) => error)
    expect(failure).toMatchObject({ code: 'model_empty_output' })
    expect(failedUsageOf(failure)).toMatchObject({ usage: { input: 20, output: 2 }, cost: expect.closeTo(0.00004, 10) })
  })

  it('is left when it is called off amid a tool', async () => {
    const { model, models } = scripted(asks({ a: 1 }), { reply: 'never' })
    const controller = new AbortController()
    const run = async () => {
      controller.abort(new Error('enough'))
      throw new Error('interrupted')
    }
    const ask = (asked: ModelRequest) => models.generate(asked, { signal: controller.signal })
    await expect(generateWithTools(ask, request, { steps: 3, run }, controller.signal)).rejects.toThrow('enough')
    expect(model.calls).toHaveLength(1)
  })

  it('is not offered two of one name', async () => {
    const { models } = scripted({ reply: 'x' })
    await expect(models.generate({ ...request, tools: [add, add] }, { signal })).rejects.toMatchObject({
      name: 'InvalidError',
      message: 'two tools for one model call have the name add',
    })
  })

  it('asks before it fills a schema', async () => {
    const { models } = scripted(asks({ a: 1 }))
    const reply = await models.generate({ ...request, schema: { type: 'object' } }, { signal })
    expect([reply.object, reply.calls?.length]).toEqual([undefined, 1])
  })
})

describe('a round', () => {
  it('is told without the calls that nobody answered', () => {
    const call = (toolCallId: string) => ({ type: 'tool-call' as const, toolCallId, toolName: 'add', input: {} })
    const said = [{ type: 'text' as const, text: 'Well.' }, call('1'), call('2')]
    const [assistant, tool] = toolRoundMessages({ said, results: [{ id: '2', name: 'add', output: 4 }] })
    expect(assistant?.content).toEqual([{ type: 'text', text: 'Well.' }, call('2')])
    expect(tool?.content).toMatchObject([{ toolCallId: '2', output: { type: 'json', value: 4 } }])
  })
})

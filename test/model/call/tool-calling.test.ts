import { describe, expect, it } from 'vitest'
import type { Json } from '../../../src/kernel/schema.ts'
import { toolRoundMessages } from '../../../src/model/call/tool-calling.ts'
import { createModels } from '../../../src/model/registry.ts'
import type { ToolResult } from '../../../src/model/request/request.ts'
import { type ScriptedTurn, scriptedModel } from '../../../src/testing/scripted-model.ts'

const usage = { input: 10, output: 1 }
const add = { name: 'add', description: 'Adds two numbers.', schema: { type: 'object' } }
const request = { task: { kind: 'write' }, documents: [], instruction: 'Add.', tools: [add] } as const
const signal = new AbortController().signal
function scripted(...script: ScriptedTurn[]) {
  const model = scriptedModel(script.map((turn) => ({ usage, ...turn })))
  const models = createModels(
    { model: 'lab/one', models: [{ id: 'lab/one', cost: { input: 1, output: 10 } }] },
    {},
    { 'lab/one': model },
  )
  return { model, models }
}
const asks = (input: Json, name = 'add'): ScriptedTurn => ({ calls: [{ name, input }], times: 1 })

function resultSent(result: Pick<ToolResult, 'output' | 'failed'>) {
  const [message] = toolRoundMessages({ said: [], results: [{ id: 'call_0', name: 'add', ...result }] })
  return (message!.content as { readonly output: object }[])[0]!.output
}

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

  it('gets the results, and what a person says', async () => {
    const { model, models } = scripted(asks({ a: 1, b: 2 }), { reply: 'three' })
    const { said = [], calls = [] } = await models.generate(request, { signal })
    const results = calls.map(({ id, name }) => ({ id, name, output: 3 }))
    const rounds = [
      { said, results },
      { said: [], results: [], told: ['Be brief.'] },
    ]
    expect(await models.generate({ ...request, rounds }, { signal })).toMatchObject({ text: 'three' })
    expect(model.calls[1]?.options.prompt.map(({ role }) => role)).toEqual(['user', 'assistant', 'tool', 'user'])
    expect(model.calls[1]?.prompt).toContain('"value":3')
  })

  it.each([
    ['a text, as it is', 'say "hi"\nnext line', { type: 'text', value: 'say "hi"\nnext line' }],
    ['a map, as JSON', { a: 1 }, { type: 'json', value: { a: 1 } }],
    ['a blank text, which providers refuse', ' ', { type: 'json', value: ' ' }],
  ])('gets %s', (_, output, sent) => {
    expect(resultSent({ output })).toEqual(sent)
  })

  it('gets the reason of a failure as one text', () => {
    const reason = 'no "a.txt"'
    expect(resultSent({ output: { failed: reason }, failed: true })).toEqual({
      type: 'error-text',
      value: 'failed: no "a.txt"',
    })
    expect(resultSent({ output: { failed: { a: 1 } }, failed: true })).toMatchObject({ type: 'error-json' })
  })

  it('is not offered two of one name', async () => {
    const { models } = scripted({ reply: 'x' })
    await expect(models.generate({ ...request, tools: [add, add] }, { signal })).rejects.toMatchObject({
      name: 'InvalidError',
      message: 'Two tools for one model call have the name add.',
    })
  })

  it('asks before it fills a schema', async () => {
    const { models } = scripted(asks({ a: 1 }))
    const reply = await models.generate({ ...request, schema: { type: 'object' } }, { signal })
    expect([reply.object, reply.calls?.length]).toEqual([undefined, 1])
  })
})

describe('a round', () => {
  it('comes without the calls that nobody answered', () => {
    const call = (toolCallId: string) => ({ type: 'tool-call' as const, toolCallId, toolName: 'add', input: {} })
    const said = [{ type: 'text' as const, text: 'Well.' }, call('1'), call('2')]
    const [assistant, tool] = toolRoundMessages({ said, results: [{ id: '2', name: 'add', output: 4 }] })
    expect(assistant?.content).toEqual([{ type: 'text', text: 'Well.' }, call('2')])
    expect(tool?.content).toMatchObject([{ toolCallId: '2', output: { type: 'json', value: 4 } }])
  })
})

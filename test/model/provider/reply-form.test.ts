import { describe, expect, it } from 'vitest'
import { answering, TOOLS } from './answering.ts'

const usage = { prompt_tokens: 7, completion_tokens: 3, total_tokens: 10 }

const events = (...data: readonly object[]) => data.map((one) => `data: ${JSON.stringify(one)}\n\n`).join('')
const chat = (message: object, more: object = {}, finish = 'stop') => ({
  id: 'c',
  object: 'chat.completion',
  created: 1,
  model: 'small',
  usage,
  ...more,
  choices: [{ index: 0, message: { role: 'assistant', content: null, ...message }, finish_reason: finish }],
})
const chunk = (delta: object, finish: string | null = null, more: object = {}) => ({
  id: 'c',
  object: 'chat.completion.chunk',
  created: 1,
  model: 'small',
  ...more,
  choices: [{ index: 0, delta, finish_reason: finish }],
})

describe('a reply in another form than asked for is read, and asked for once', () => {
  it.each([
    ['chat', chat({ content: 'All of it.' }), { type: 'openai-compatible' }],
    [
      'Anthropic',
      {
        type: 'message',
        id: 'm',
        role: 'assistant',
        model: 'small',
        stop_reason: 'end_turn',
        content: [{ type: 'text', text: 'All of it.' }],
        usage: { input_tokens: 7, output_tokens: 3 },
      },
      { type: 'anthropic' },
    ],
    [
      'Google',
      {
        candidates: [{ content: { role: 'model', parts: [{ text: 'All of it.' }] }, finishReason: 'STOP' }],
        usageMetadata: { promptTokenCount: 7, candidatesTokenCount: 3, totalTokenCount: 10 },
      },
      { type: 'google' },
    ],
  ] as const)('%s: one JSON instead of a stream', async (_, body, config) => {
    for (const type of ['application/json', 'text/event-stream', 'text/plain']) {
      const { generate, asked } = await answering(body, type, config)
      const heard: string[] = []
      const reply = await generate({}, { onDelta: (text) => heard.push(text) })
      expect(reply).toMatchObject({ text: 'All of it.', usage: { input: 7, output: 3 } })
      expect([heard, asked()]).toEqual([['All of it.'], 1])
    }
  })

  it('a stream instead of one JSON', async () => {
    const body = `: ping\n\n${events(chunk({ role: 'assistant', content: 'All ' }), chunk({ content: 'of it.' }), chunk({}, 'stop', { usage }))}data: [DONE]\n\n`
    const { generate, asked } = await answering(body, 'text/event-stream')
    expect(await generate()).toMatchObject({ text: 'All of it.', usage: { input: 7, output: 3 } })
    expect(asked()).toBe(1)
  })

  it('one JSON that holds an error is that error', async () => {
    const { generate } = await answering({ error: { message: 'the upstream is overloaded', code: 503 } })
    await expect(generate({}, { onDelta() {} })).rejects.toMatchObject({ code: 'model_overloaded' })
  })
})

const call = (fn: object, id: unknown = 'call_1') => ({
  tool_calls: [{ id, type: 'function', index: 0, function: fn }],
})

describe.each(['whole', 'stream'])('a reply with odd parts (%s)', (form) => {
  const ask = async (message: object, more: object = {}, finish = 'tool_calls') => {
    const body =
      form === 'whole' ? chat(message, more, finish) : events(chunk(message), chunk({}, finish, { usage, ...more }))
    const { generate } = await answering(body, form === 'whole' ? undefined : 'text/event-stream')
    return generate({ tools: TOOLS }, form === 'whole' ? {} : { onDelta() {} })
  }

  it('has the parameters of a call as an object', async () => {
    const made = await ask(call({ name: 'weather', arguments: { city: 'Oslo' } }))
    expect(made.calls).toMatchObject([{ name: 'weather', input: { city: 'Oslo' } }])
  })

  it.each([null, ''])('has a call without a name (%j)', async (name) => {
    const made = await ask(call({ name, arguments: '{"city":"Oslo"}' }))
    expect(made.calls).toMatchObject([{ name: 'unnamed_tool', input: { city: 'Oslo' } }])
  })

  it('has a number as the id of a call', async () => {
    expect((await ask(call({ name: 'weather', arguments: '{}' }, 7))).calls).toMatchObject([{ id: '7' }])
  })

  it.each([
    ['none'],
    [[]],
    [{ prompt_tokens: '7', completion_tokens: '3' }],
    [{ prompt_tokens: 'many', prompt_tokens_details: [] }],
  ])('has usage of another type (%j)', async (odd) => {
    const reply = await ask({ content: 'Well.' }, { usage: odd }, 'stop')
    expect(reply.text).toBe('Well.')
    const isRead = typeof odd === 'object' && 'completion_tokens' in odd
    expect(reply.usage).toEqual(isRead ? { input: 7, output: 3 } : expect.objectContaining({ estimated: true }))
  })
})

it('keeps all digits of the parameters of a call', async () => {
  const body = JSON.stringify(chat(call({ name: 'weather', arguments: { n: 'N' } }), {}, 'tool_calls')).replace(
    '"N"',
    '12345678901234567890',
  )
  const { mendReply } = await import('../../../src/model/provider/mend/reply.ts')
  expect(JSON.parse(mendReply(body)).choices[0].message.tool_calls[0].function.arguments).toBe(
    '{"n":12345678901234567890}',
  )
})

it.each([
  ['max_output_tokens', 'at its limit of tokens'],
  [undefined, '(incomplete)'],
])('an incomplete response of OpenAI is cut (%s)', async (reason, says) => {
  const body = {
    id: 'r',
    object: 'response',
    created_at: 1,
    model: 'small',
    status: 'incomplete',
    incomplete_details: reason === undefined ? null : { reason },
    output: [
      {
        type: 'message',
        id: 'm',
        role: 'assistant',
        status: 'incomplete',
        content: [{ type: 'output_text', text: 'Half', annotations: [] }],
      },
    ],
    usage: { input_tokens: 7, output_tokens: 3, total_tokens: 10 },
  }
  const { generate } = await answering(body, undefined, { type: 'openai' })
  expect(await generate()).toMatchObject({ text: 'Half', cut: true, lacks: [expect.stringContaining(says)] })
})

it.each<[string, object]>([
  [
    'anthropic',
    {
      type: 'message',
      id: 'm',
      role: 'assistant',
      model: 'small',
      stop_reason: 'tool_use',
      usage: 'none',
      content: [{ type: 'tool_use', id: null, name: null, input: { city: 'Oslo' } }],
    },
  ],
  [
    'openai',
    {
      id: 'r',
      object: 'response',
      created_at: 1,
      model: 'small',
      status: 'completed',
      usage: [],
      output: [{ type: 'function_call', id: 'f', name: ' ', arguments: { city: 'Oslo' } }],
    },
  ],
  [
    'google',
    {
      candidates: [
        { content: { parts: [{ functionCall: { name: null, args: { city: 'Oslo' } } }] }, finishReason: 'STOP' },
      ],
      usageMetadata: { promptTokenCount: 'many', promptTokensDetails: 'none' },
    },
  ],
])('a whole reply of %s has a call without a name, and a usage of another type', async (type, body) => {
  const { generate } = await answering(body, undefined, { type })
  expect(await generate({ tools: TOOLS })).toMatchObject({
    calls: [{ name: 'unnamed_tool', input: { city: 'Oslo' } }],
    usage: { estimated: true },
  })
})

it('a whole reply without any choice is an empty reply', async () => {
  const { generate } = await answering({ ...chat({}), choices: [] })
  await expect(generate()).rejects.toMatchObject({ code: 'model_empty_output' })
})

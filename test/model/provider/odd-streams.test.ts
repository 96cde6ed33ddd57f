import { describe, expect, it } from 'vitest'
import type { ProviderConfig } from '../../../src/model/provider/provider-types.ts'
import { failedReplyOf } from '../../../src/model/reply/failed-reply.ts'
import type { ModelRequest } from '../../../src/model/request/request.ts'
import { answering, TOOLS } from './answering.ts'

/** The events of a stream as a provider sends them. `place` counts the parts of a reply from 0. */
type Protocol = {
  readonly config: ProviderConfig
  begin(usage?: unknown): readonly object[]
  text(text: string, place: number): readonly object[]
  /** A call, or its beginning. */
  call(name: unknown, input: string, place: number, isWhole?: boolean): readonly object[]
  finish(reason: unknown, usage: unknown): readonly object[]
  /** the reason for a limit of tokens, and a usage of 7 and 3 tokens, as numbers or texts */
  readonly length: string
  usage(as: (count: number) => unknown): object
}

const chunk = (delta: object, more: object = {}, finish: unknown = null) => ({
  id: 'c',
  object: 'chat.completion.chunk',
  created: 1,
  model: 'small',
  choices: [{ index: 0, delta, finish_reason: finish }],
  ...more,
})
const given = (usage: unknown) => (usage === undefined ? {} : { usage })

const PROTOCOLS: { readonly [name: string]: Protocol } = {
  chat: {
    config: { type: 'openai-compatible' },
    begin: () => [chunk({ role: 'assistant', content: '' })],
    text: (content) => [chunk({ content })],
    call: (name, input, index) => [
      chunk({ tool_calls: [{ index, id: `call_${index}`, type: 'function', function: { name, arguments: '' } }] }),
      chunk({ tool_calls: [{ index, function: { arguments: input } }] }),
    ],
    finish: (reason, usage) => [chunk({}, given(usage), reason)],
    length: 'length',
    usage: (as) => ({ prompt_tokens: as(7), completion_tokens: as(3), total_tokens: as(10) }),
  },
  anthropic: {
    config: { type: 'anthropic' },
    begin: (usage = { input_tokens: 7, output_tokens: 1 }) => [
      {
        type: 'message_start',
        message: { id: 'm', type: 'message', role: 'assistant', model: 'small', content: [], usage },
      },
    ],
    text: (text, index) => [
      { type: 'content_block_start', index, content_block: { type: 'text', text: '' } },
      { type: 'content_block_delta', index, delta: { type: 'text_delta', text } },
      { type: 'content_block_stop', index },
    ],
    call: (name, input, index, isWhole = true) => [
      { type: 'content_block_start', index, content_block: { type: 'tool_use', id: `call_${index}`, name, input: {} } },
      { type: 'content_block_delta', index, delta: { type: 'input_json_delta', partial_json: input } },
      ...(isWhole ? [{ type: 'content_block_stop', index }] : []),
    ],
    finish: (reason, usage) => [
      { type: 'message_delta', delta: { stop_reason: reason, stop_sequence: null }, ...given(usage) },
      { type: 'message_stop' },
    ],
    length: 'max_tokens',
    usage: (as) => ({ input_tokens: as(7), output_tokens: as(3) }),
  },
  responses: {
    config: { type: 'openai' },
    begin: () => [{ type: 'response.created', response: { id: 'r', created_at: 1, model: 'small' } }],
    text: (delta, output_index) => [
      { type: 'response.output_item.added', output_index, item: { type: 'message', id: `m${output_index}` } },
      { type: 'response.output_text.delta', item_id: `m${output_index}`, output_index, delta },
    ],
    call(name, input, output_index, isWhole = true) {
      const item = { type: 'function_call', id: `f${output_index}`, call_id: `call_${output_index}`, name }
      return [
        { type: 'response.output_item.added', output_index, item: { ...item, arguments: '' } },
        { type: 'response.function_call_arguments.delta', item_id: item.id, output_index, delta: input },
        ...(isWhole
          ? [
              {
                type: 'response.output_item.done',
                output_index,
                item: { ...item, arguments: input, status: 'completed' },
              },
            ]
          : []),
      ]
    },
    finish: (reason, usage) => [
      reason === 'stop'
        ? { type: 'response.completed', response: given(usage) }
        : { type: 'response.incomplete', response: { incomplete_details: { reason }, ...given(usage) } },
    ],
    length: 'max_output_tokens',
    usage: (as) => ({ input_tokens: as(7), output_tokens: as(3), total_tokens: as(10) }),
  },
  google: {
    config: { type: 'google' },
    begin: () => [],
    text: (text) => [{ candidates: [{ content: { role: 'model', parts: [{ text }] } }] }],
    call: (name, input) => [
      { candidates: [{ content: { role: 'model', parts: [{ functionCall: { name, args: JSON.parse(input) } }] } }] },
    ],
    finish: (reason, usage) => [
      {
        candidates: [{ content: { role: 'model', parts: [] }, finishReason: reason }],
        ...(usage !== undefined && { usageMetadata: usage }),
      },
    ],
    length: 'MAX_TOKENS',
    usage: (as) => ({ promptTokenCount: as(7), candidatesTokenCount: as(3), totalTokenCount: as(10) }),
  },
}

const sse = (...events: readonly object[]) => events.map((one) => `data: ${JSON.stringify(one)}\n\n`)
const count = (tokens: number) => tokens
const LONG = '9007199254740993'
const UNSAID =
  /^The provider of lab\/small answered, but the reply ended before|^Model lab\/small failed: Response stream ended without a finish reason\. undefined$/

describe.each(Object.entries(PROTOCOLS))('a stream of %s', (name, protocol) => {
  const { config, begin, text, call, finish, usage } = protocol
  const ask = async (body: readonly string[], request: Partial<ModelRequest> = {}, piece?: number) => {
    const { generate } = await answering(body.join(''), 'text/event-stream', config, piece)
    return generate({ tools: TOOLS, ...request }, { onDelta() {} })
  }
  const end = (reason: unknown = 'stop', counts: unknown = usage(count)) => sse(...finish(reason, counts))
  const half = [...sse(...begin()), ...sse(...text('One ', 0))]
  const whole = { text: 'One two', usage: { input: 7, output: 3 } }

  it.each([
    ': a comment\n\n',
    'event: ping\ndata: {}\n\n',
    'event: ping\ndata: 2026-11-25T10:00:00Z\n\n',
    'event: keep-alive\n\n',
    'data: {"type":"ping"}\n\n',
    'data: {"type": "heartbeat", "at": 1}\n\n',
    'data: [ping]\n\n',
    'data: keep-alive\n\n',
    'data:\n\n',
    'data: {}\n\n',
    'data: null\n\n',
    'id: 7\nretry: 1000\n\n',
  ])('is read with a sign of life in it (%j)', async (ping) => {
    const events = [
      ...sse(...begin()),
      ...sse(...text('One ', 0)),
      ...sse(...text('two', 1)),
      ...end(),
      'data: [DONE]\n\n',
    ]
    const reply = await ask(events.flatMap((event) => [ping, event]))
    expect(reply).toMatchObject(whole)
    expect(reply.lacks).toBeUndefined()
  })

  it.each(['\r\n', '\r', '\n'])('is read with lines that end in %j, byte by byte, with any character', async (line) => {
    const body = [...half, ...sse(...text('😀 è two', 1)), ...end()].join('').replaceAll('\n', line)
    expect(await ask([body], {}, 1)).toMatchObject({ ...whole, text: 'One 😀 è two' })
  })

  it('is read without empty lines between its events, and without one at its end', async () => {
    const body = [...half, ...sse(...text('two', 1)), ...end()].join('').replaceAll('\n\n', '\n')
    expect(await ask([body.trimEnd()])).toMatchObject(whole)
  })

  it.each([[[]], [['data: [DONE]\n\n']]])('keeps its text when it ends without a reason (%j)', async (last) => {
    expect(await ask([...half, ...last])).toMatchObject({
      text: 'One ',
      cut: true,
      lacks: ['the reply of lab/small ended without a reason, so its end may be missing'],
    })
    await expect(ask([...half, ...last], { onTruncated: 'fail' })).rejects.toMatchObject({
      code: 'model_truncated_output',
      message: expect.stringContaining('«One»'),
    })
  })

  it.each(['', ': ping\n\n', 'data: [DONE]\n\n', 'data: {}\n\n'])('fails when it is empty (%j)', async (body) => {
    const failure = await ask([body]).catch((error: unknown) => error)
    expect(failure).toMatchObject({ name: 'RetryableError', code: 'model_unavailable' })
    // the server has answered, so nothing says that it does not run
    expect(`${(failure as Error).message} ${(failure as { hint?: string }).hint}`).toMatch(UNSAID)
  })

  it('fails when it begins and ends without a reason, and is an empty reply with one', async () => {
    const message = expect.stringMatching(UNSAID)
    if (name !== 'google')
      await expect(ask(sse(...begin()))).rejects.toMatchObject({ code: 'model_unavailable', message })
    await expect(ask([...sse(...begin()), ...end()])).rejects.toMatchObject({
      code: 'model_empty_output',
      message: 'Model lab/small gave an empty reply.',
    })
  })

  it('may end for a reason that nobody knows', async () => {
    expect(await ask([...half, ...sse(...text('two', 1)), ...end('banana')])).toMatchObject(whole)
  })

  it('is cut when it reaches its limit', async () => {
    expect(await ask([...half, ...end(protocol.length)])).toMatchObject({
      text: 'One ',
      cut: true,
      lacks: [expect.stringContaining('limit of tokens')],
    })
  })

  it.each([
    ['absent', undefined],
    ['null', null],
    ['a text', 'none'],
    ['a number', 7],
    ['a list', []],
    ['empty', {}],
    ['of words', usage(() => 'many')],
    ['of nulls', usage(() => null)],
    ['negative', usage((tokens) => -tokens)],
    ['of maps', usage(() => ({}))],
    [
      'with odd details',
      { ...usage(() => 'x'), prompt_tokens_details: 'x', input_tokens_details: [], promptTokensDetails: 7 },
    ],
  ])('has a usage that is %s', async (_, counts) => {
    const body = [...sse(...begin(counts)), ...sse(...text('One two', 0)), ...sse(...finish('stop', counts))]
    expect(await ask(body)).toMatchObject({ text: 'One two', usage: { estimated: true } })
  })

  it('has a usage of digits', async () => {
    const digits = usage(String)
    expect(await ask([...sse(...begin(digits)), ...sse(...text('One two', 0)), ...end('stop', digits)])).toMatchObject(
      whole,
    )
  })

  it.each([null, '', ' ', undefined, 7])('has a call that is named %j', async (odd) => {
    const made = await ask([...sse(...begin()), ...sse(...call(odd, '{"city":"Oslo"}', 0)), ...end('tool_calls')])
    expect(made.calls).toMatchObject([{ name: 'unnamed_tool', input: { city: 'Oslo' } }])
  })

  it('has its call when it ends after it without a reason', async () => {
    const { calls } = await ask([...sse(...begin()), ...sse(...call('weather', '{"city":"Oslo"}', 0))])
    expect(calls).toEqual([{ id: expect.any(String), name: 'weather', input: { city: 'Oslo' } }])
  })

  it('keeps the digits of long numbers in calls and in JSON', async () => {
    // a number that JavaScript cannot write in the place of the mark
    const exact = (events: readonly string[]) => events.map((event) => event.replaceAll(/\\*"@\\*"/g, LONG))
    const asked = [
      ...sse(...begin()),
      ...sse(...call('weather', '{"id":"@","all":["@",{"at":"@"}]}', 0)),
      ...end('tool_calls'),
    ]
    const { calls } = await ask(exact(asked))
    expect(calls).toMatchObject([{ input: { id: LONG, all: [LONG, { at: LONG }] } }])
    const said = [...sse(...begin()), ...sse(...text('{"id":"@"}', 0)), ...end()]
    const schema = { type: 'object', properties: { id: { type: 'integer' } }, required: ['id'] }
    expect(await ask(exact(said), { tools: [], schema })).toMatchObject({ object: { id: LONG } })
  })

  it('fails with a quote when it ends within an event or holds no JSON', async () => {
    for (const odd of ['data: {"half": "of i', 'data: upstream error\n\n']) {
      const failure = await ask([...half, odd]).catch((error: unknown) => error)
      // an error may overtake what came before it
      const code = expect.stringMatching(/^model_(?:unavailable|stream_broken)$/)
      expect(failure).toMatchObject({ name: 'RetryableError', code })
      expect((failure as Error).message).toContain(odd.slice('data: '.length).trim())
      expect(failedReplyOf(failure)).toContain('One ')
    }
  })

  it('fails with a quote when it is not a stream', async () => {
    const { generate } = await answering('the upstream is gone', 'text/plain', config)
    await expect(generate({}, { onDelta() {} })).rejects.toMatchObject({
      message: expect.stringContaining('«the upstream is gone»'),
    })
  })

  if (name !== 'google')
    it.each([undefined, protocol.length])('never gives half of a call as a whole one (%s)', async (reason) => {
      for (const input of ['', '{"city":', '{"city":"Os']) {
        const last = reason === undefined ? [] : end(reason)
        const body = [...half, ...sse(...call('weather', input, 1, false)), ...last]
        const { calls = [] } = await ask(body)
        expect(calls.filter((one) => one.input !== undefined && !one.cut)).toEqual([])
      }
    })
})

it('a call of Google that comes in pieces is not made if the stream ends within it', async () => {
  const part = (functionCall: object) => ({ candidates: [{ content: { role: 'model', parts: [{ functionCall }] } }] })
  const pieces = [
    part({ name: 'weather', willContinue: true }),
    part({ partialArgs: [{ jsonPath: '$.city', stringValue: 'Os', willContinue: true }], willContinue: true }),
  ]
  const { generate } = await answering(sse(...pieces).join(''), 'text/event-stream', { type: 'google' })
  await expect(generate({ tools: TOOLS }, { onDelta() {} })).rejects.toMatchObject({ code: 'model_unavailable' })
})

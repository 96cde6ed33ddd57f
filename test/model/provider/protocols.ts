import type { ProviderConfig } from '../../../src/model/provider/provider-types.ts'

/** A piece of a reply: a text, a thought, or a call. `id` is the provider's; absent: it gives none. */
export type Piece =
  | { readonly text: string }
  | { readonly thought: string; readonly signature?: string }
  | { readonly id?: string; readonly name: string; readonly input: string }

/** How a protocol says a reply, whole and as events. Each piece has a place, from 0. */
export type ReplyProtocol = {
  readonly config: ProviderConfig
  whole(pieces: readonly Piece[]): object
  begin: readonly object[]
  /** The events of a piece, its text in parts of so many characters. */
  piece(piece: Piece, place: number, size?: number): readonly object[]
  finish: readonly object[]
  /** Events and data of a new kind. */
  unknown: readonly string[]
}

const partsOf = (text: string, size = Number.POSITIVE_INFINITY): readonly string[] => {
  const signs = [...text]
  const length = Math.max(1, Math.ceil(signs.length / size))
  return Array.from({ length }, (_, at) => signs.slice(at * size, (at + 1) * size || undefined).join(''))
}
const event = (data: object, name?: string) =>
  `${name === undefined ? '' : `event: ${name}\n`}data: ${JSON.stringify(data)}\n\n`

export const chunk = (delta: object, more: object = {}) => ({
  id: 'c',
  object: 'chat.completion.chunk',
  created: 1,
  model: 'small',
  choices: [{ index: 0, delta, finish_reason: null, ...more }],
})
const call = (id: string | undefined, name: string | undefined, args: string) => ({
  ...(id !== undefined && { id }),
  type: 'function',
  function: { ...(name !== undefined && { name }), arguments: args },
})

const chat: ReplyProtocol = {
  config: { type: 'openai-compatible' },
  whole(pieces) {
    const calls = pieces.flatMap((one) => ('name' in one ? [call(one.id, one.name, one.input)] : []))
    const message = {
      role: 'assistant',
      content: pieces.map((one) => ('text' in one ? one.text : '')).join(''),
      reasoning_content: pieces.map((one) => ('thought' in one ? one.thought : '')).join(''),
      ...(calls.length > 0 && { tool_calls: calls }),
    }
    const choices = [{ index: 0, message, finish_reason: 'stop', novelty: { a: 1 } }]
    return { id: 'c', object: 'chat.completion', created: 1, model: 'small', choices, usage: {} }
  },
  begin: [chunk({ role: 'assistant', content: '' })],
  piece(one, index, size) {
    if ('text' in one) return partsOf(one.text, size).map((content) => chunk({ content }))
    if ('thought' in one) return partsOf(one.thought, size).map((part) => chunk({ reasoning_content: part }))
    const [first = '', ...rest] = partsOf(one.input, size)
    return [
      chunk({ tool_calls: [{ index, ...call(one.id, one.name, first) }] }),
      ...rest.map((part) => chunk({ tool_calls: [{ index, ...call('', '', part) }] })),
    ]
  },
  finish: [chunk({}, { finish_reason: 'stop' })],
  unknown: [
    event({ type: 'lab.progress', item: { done: 1 }, delta: { text: 'no' } }),
    event({ object: 'lab.trace', response: { text: 'no' } }, 'trace'),
    'event: progress\ndata: 40 %\n\n',
    event({ id: 'c', object: 'chat.completion.chunk', created: 1, model: 'small', choices: [] }),
  ],
}

const anthropic: ReplyProtocol = {
  config: { type: 'anthropic' },
  whole(pieces) {
    const content = [
      { type: 'novelty', text: 'no' },
      ...pieces.map((one) => {
        if ('text' in one) return { type: 'text', text: one.text }
        if ('thought' in one) return { type: 'thinking', thinking: one.thought, signature: one.signature }
        return { type: 'tool_use', id: one.id, name: one.name, input: JSON.parse(one.input) }
      }),
    ]
    const usage = { input_tokens: 7, output_tokens: 3 }
    return { type: 'message', id: 'm', role: 'assistant', model: 'small', content, stop_reason: 'end_turn', usage }
  },
  begin: [
    {
      type: 'message_start',
      message: {
        id: 'm',
        type: 'message',
        role: 'assistant',
        model: 'small',
        content: [],
        usage: { input_tokens: 7, output_tokens: 1 },
      },
    },
  ],
  piece(one, index, size) {
    const said = (delta: object) => ({ type: 'content_block_delta', index, delta })
    const begun = (content_block: object) => ({ type: 'content_block_start', index, content_block })
    const stop = { type: 'content_block_stop', index }
    if ('text' in one) {
      // the first part stands in the beginning of the block
      const [first = '', ...rest] = partsOf(one.text, size)
      return [begun({ type: 'text', text: first }), ...rest.map((text) => said({ type: 'text_delta', text })), stop]
    }
    if ('thought' in one) {
      const [first = '', ...rest] = partsOf(one.thought, size)
      return [
        begun({ type: 'thinking', thinking: first }),
        ...rest.map((thinking) => said({ type: 'thinking_delta', thinking })),
        ...(one.signature === undefined ? [] : [said({ type: 'signature_delta', signature: one.signature })]),
        stop,
      ]
    }
    const [first = '', ...rest] = partsOf(one.input, size)
    return [
      begun({ type: 'tool_use', id: one.id, name: one.name, input: rest.length > 0 ? first : JSON.parse(first) }),
      ...rest.map((partial_json) => said({ type: 'input_json_delta', partial_json })),
      stop,
    ]
  },
  finish: [
    { type: 'message_delta', delta: { stop_reason: 'end_turn' }, usage: { output_tokens: 3 } },
    { type: 'message_stop' },
  ],
  unknown: [
    event({ type: 'message_novelty', delta: { text: 'no' } }, 'message_novelty'),
    [
      { type: 'content_block_start', index: 90, content_block: { type: 'novelty', text: 'no' } },
      { type: 'content_block_delta', index: 90, delta: { type: 'text_delta', text: 'no' } },
      { type: 'content_block_stop', index: 90 },
    ]
      .map((one) => event(one))
      .join(''),
    event({ type: 'content_block_delta', index: 0, delta: { type: 'novelty_delta', novelty: 'no' } }),
    event({ type: 'content_block_delta', index: 0, delta: { type: 'signature_delta', signature: null } }),
    event({ type: 'novelty', message: { content: [{ type: 'text', text: 'no' }] } }),
  ],
}

const itemOf = (one: Piece, place: number) => {
  if ('text' in one) {
    const content = [
      { type: 'novelty', text: 'no' },
      { type: 'output_text', text: one.text, annotations: [{ type: 'novelty' }] },
    ]
    return { type: 'message', role: 'assistant', id: `msg_${place}`, content }
  }
  if ('thought' in one)
    return { type: 'reasoning', id: `rs_${place}`, summary: [{ type: 'summary_text', text: one.thought }] }
  return {
    type: 'function_call',
    id: `fc_${place}`,
    call_id: one.id,
    name: one.name,
    arguments: one.input,
    status: 'completed',
  }
}
const responses: ReplyProtocol = {
  config: { type: 'openai' },
  whole(pieces) {
    const output = [{ type: 'novelty_call', id: 'n' }, ...pieces.map(itemOf)]
    return { id: 'r', object: 'response', created_at: 1, model: 'small', output, usage: {} }
  },
  begin: [{ type: 'response.created', response: { id: 'r', created_at: 1, model: 'small' } }],
  piece(one, output_index, size) {
    const item = itemOf(one, output_index)
    const added = { type: 'response.output_item.added', output_index, item }
    const done = { type: 'response.output_item.done', output_index, item }
    if ('text' in one) {
      // the last part stands in the whole item only
      const parts = partsOf(one.text, size).slice(0, -1)
      const deltas = parts.map((delta) => ({
        type: 'response.output_text.delta',
        item_id: item.id,
        output_index,
        delta,
      }))
      return [{ ...added, item: { ...item, content: [] } }, ...deltas, done]
    }
    if ('thought' in one) {
      const deltas = partsOf(one.thought, size).map((delta) => ({
        type: 'response.reasoning_summary_text.delta',
        item_id: item.id,
        output_index,
        summary_index: 0,
        delta,
      }))
      return [{ ...added, item: { ...item, summary: [] } }, ...deltas, done]
    }
    return [{ ...added, item: { ...item, arguments: '' } }, done]
  },
  finish: [{ type: 'response.completed', response: {} }],
  unknown: [
    event({ type: 'response.novelty', item: { text: 'no' }, delta: 'no' }, 'response.novelty'),
    event({ type: 'response.output_item.added', output_index: 90, item: { type: 'novelty', id: 'n' } }),
    event({ type: 'response.output_item.done', output_index: 90, item: { type: 'novelty', id: 'n' } }),
    event({ type: 'response.output_text.annotation.added', annotation: { type: 'novelty' } }),
    event({ type: 'lab.progress', response: { output: [] } }),
  ],
}

const partOf = (one: Piece) => {
  if ('text' in one) return { text: one.text }
  if ('thought' in one)
    return { text: one.thought, thought: true, ...(one.signature && { thoughtSignature: one.signature }) }
  return { functionCall: { ...(one.id !== undefined && { id: one.id }), name: one.name, args: JSON.parse(one.input) } }
}
const candidate = (parts: readonly object[], more: object = {}) => ({
  candidates: [{ content: { role: 'model', parts }, index: 0, ...more }],
})
const google: ReplyProtocol = {
  config: { type: 'google' },
  whole: (pieces) => ({
    ...candidate([{ novelty: { text: 'no' } }, ...pieces.map(partOf)], { finishReason: 'STOP' }),
    usageMetadata: {},
  }),
  begin: [],
  piece(one, _, size) {
    if ('name' in one) return [candidate([partOf(one)])]
    const text = 'text' in one ? one.text : one.thought
    return partsOf(text, size).map((part) =>
      candidate([partOf('text' in one ? { text: part } : { ...one, thought: part })]),
    )
  },
  finish: [candidate([], { finishReason: 'STOP' })],
  unknown: [
    event({ novelty: { parts: [{ text: 'no' }] } }),
    event(candidate([{ novelty: { text: 'no' } }])),
    event({ type: 'lab.progress', content: 'no' }, 'progress'),
  ],
}

export const PROTOCOLS = { chat, anthropic, responses, google }

export const sse = (...events: readonly object[]) => events.map((one) => event(one)).join('')

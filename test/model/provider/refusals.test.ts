import { describe, expect, it } from 'vitest'
import type { ProviderConfig } from '../../../src/model/provider/provider-types.ts'
import { answering } from './answering.ts'

const WORDS = 'I cannot help with that.'
const usage = { prompt_tokens: 7, completion_tokens: 3, total_tokens: 10 }
const CHAT = { id: 'c', created: 1, model: 'small' }
const RESPONSES: ProviderConfig = { type: 'openai' }
const ANTHROPIC: ProviderConfig = { type: 'anthropic' }
const details = { type: 'refusal', category: 'cyber', explanation: WORDS }
const item = {
  type: 'message',
  id: 'm',
  role: 'assistant',
  status: 'completed',
  content: [{ type: 'refusal', refusal: WORDS }],
}
const response = {
  ...{ id: 'r', object: 'response', created_at: 1, model: 'small', status: 'completed', output: [item] },
  usage: { input_tokens: 7, output_tokens: 3, total_tokens: 10 },
}
const message = { type: 'message', id: 'm', role: 'assistant', model: 'small', content: [] as object[] }
const sse = (...events: readonly object[]) => events.map((event) => `data: ${JSON.stringify(event)}\n\n`).join('')
const chunk = (delta: object, finish: string | null = null) => ({
  ...{ ...CHAT, object: 'chat.completion.chunk' },
  choices: [{ index: 0, delta, finish_reason: finish }],
})

const WIRES: readonly (readonly [string, ProviderConfig, whole: object, streamed: string])[] = [
  [
    'the chat protocol',
    { type: 'openai-compatible' },
    {
      ...{ ...CHAT, object: 'chat.completion', usage },
      choices: [{ index: 0, message: { role: 'assistant', content: null, refusal: WORDS }, finish_reason: 'stop' }],
    },
    sse(
      chunk({ role: 'assistant', content: null }),
      chunk({ refusal: WORDS.slice(0, 8) }),
      chunk({ refusal: WORDS.slice(8) }),
      chunk({}, 'stop'),
      { ...chunk({}), choices: [], usage },
    ),
  ],
  [
    'OpenAI, chat',
    { ...RESPONSES, api: 'chat' },
    {
      ...{ ...CHAT, object: 'chat.completion', usage },
      choices: [{ index: 0, message: { role: 'assistant', content: null, refusal: WORDS }, finish_reason: 'stop' }],
    },
    sse(chunk({ role: 'assistant', refusal: WORDS }), chunk({}, 'stop'), { ...chunk({}), choices: [], usage }),
  ],
  [
    'OpenAI Responses',
    RESPONSES,
    response,
    sse(
      { type: 'response.created', sequence_number: 0, response: { ...response, output: [] } },
      { type: 'response.output_item.added', sequence_number: 1, output_index: 0, item: { ...item, content: [] } },
      {
        type: 'response.refusal.delta',
        sequence_number: 2,
        item_id: 'm',
        output_index: 0,
        content_index: 0,
        delta: WORDS,
      },
      { type: 'response.output_item.done', sequence_number: 3, output_index: 0, item },
      { type: 'response.completed', sequence_number: 4, response },
    ),
  ],
  [
    'Anthropic',
    ANTHROPIC,
    { ...message, stop_reason: 'refusal', stop_details: details, usage: { input_tokens: 7, output_tokens: 3 } },
    sse(
      { type: 'message_start', message: { ...message, usage: { input_tokens: 7, output_tokens: 1 } } },
      { type: 'message_delta', delta: { stop_reason: 'refusal', stop_details: details }, usage: { output_tokens: 3 } },
      { type: 'message_stop' },
    ),
  ],
]

describe.each(['whole', 'streamed'] as const)('a refusal of the model, %s', (form) => {
  it.each(WIRES)('is shown in its words: %s', async (_, config, whole, streamed) => {
    const isStream = form === 'streamed'
    const { generate } = await answering(
      isStream ? streamed : whole,
      isStream ? 'text/event-stream' : undefined,
      config,
    )
    const { refused } = await generate({}, isStream ? { onDelta: () => {} } : {})
    expect(refused).toContain(WORDS)
    expect(refused!.split(WORDS)).toHaveLength(2)
  })
})

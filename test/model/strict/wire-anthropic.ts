import type { Json } from '../../../src/kernel/schema.ts'
import { faultsInAnthropic } from './anthropic.ts'
import {
  type AssistantTurn,
  base64Faults,
  fileIn,
  filesField,
  orderFaults,
  pieces,
  type Said,
  sign,
  type Turn,
  type WireDouble,
} from './turns.ts'

type Block = {
  readonly type: string
  readonly text?: string
  readonly thinking?: string
  readonly signature?: string
  readonly id?: string
  readonly name?: string
  readonly input?: Json
  readonly tool_use_id?: string
  readonly content?: unknown
  readonly cache_control?: unknown
  readonly source?: { readonly type: string; readonly media_type: string; readonly data: string }
}
type Request = {
  readonly messages: readonly { readonly role: 'user' | 'assistant'; readonly content: readonly Block[] }[]
  readonly system?: string | readonly Block[]
  readonly tools?: readonly Block[]
}

export const anthropic: WireDouble = {
  model: 'claude-double',
  provider: (url) => ({ type: 'anthropic', baseURL: `${url}/v1`, keyEnv: 'LAB_KEY' }),
  refusal: (message) => ({ type: 'error', error: { type: 'invalid_request_error', message } }),
  read(body) {
    const request = JSON.parse(body) as Request
    const turns = request.messages.flatMap(turnsOf)
    const blocks = request.messages.flatMap(({ content }) => content)
    const thoughts = blocks.filter(({ type }) => type === 'thinking')
    const wrong = thoughts.filter(({ thinking = '', signature }) => signature !== sign(thinking))
    const marks = [...blocks, ...(request.tools ?? []), ...(Array.isArray(request.system) ? request.system : [])]
    return {
      turns,
      faults: [
        ...faultsInAnthropic(body),
        ...base64Faults(request),
        ...blocks.flatMap(fileFaults),
        ...orderFaults(turns, { ids: /^[A-Za-z0-9_-]+$/ }),
        ...wrong.map(({ thinking }) => `a thought with another signature: ${thinking}`),
        ...(marks.filter((one) => one.cache_control).length > 4 ? ['more than 4 marks of the cache'] : []),
        ...request.messages.flatMap(({ content }, at) => {
          const first = content.findIndex(({ type }) => type === 'text')
          const isLate = first >= 0 && content.slice(first).some(({ type }) => type === 'tool_result')
          const isThought = content.at(-1)?.type === 'thinking'
          return [
            ...(isLate ? [`message ${at}: a result behind a text`] : []),
            ...(isThought ? [`message ${at}: its last block is a thought`] : []),
          ]
        }),
      ],
    }
  },
  render(said, n) {
    const content = blocksOf(said, n)
    const stop_reason = said.isCut ? 'max_tokens' : said.calls ? 'tool_use' : 'end_turn'
    const message = { id: `msg_${n}`, type: 'message', role: 'assistant', model: 'm', stop_sequence: null }
    const usage = { input_tokens: 10, output_tokens: 5 }
    return {
      whole: { ...message, content, stop_reason, usage },
      events: [
        event('message_start', { message: { ...message, content: [], stop_reason: null, usage } }),
        ...content.flatMap(blockEvents),
        event('message_delta', { delta: { stop_reason, stop_sequence: null }, usage: { output_tokens: 5 } }),
        event('message_stop', {}),
      ],
      turn: assistantTurn(content),
    }
  },
}

function blocksOf({ think, text, calls = [] }: Said, n: number): readonly Block[] {
  return [
    ...(think === undefined ? [] : [{ type: 'thinking', thinking: think, signature: sign(think) }]),
    ...(text === undefined ? [] : [{ type: 'text', text }]),
    ...calls.map(([name, input], at) => ({ type: 'tool_use', id: `toolu_${n}_${at}`, name, input })),
  ]
}

function turnsOf({ role, content }: Request['messages'][number]): Turn[] {
  if (role === 'assistant') return [assistantTurn(content)]
  const results = content.filter(({ type }) => type === 'tool_result')
  const texts = content.flatMap(({ type, text }) => (type === 'text' ? [text!] : []))
  return [
    ...(results.length > 0
      ? [
          {
            role: 'tool' as const,
            results: results.map((one) => ({ id: one.tool_use_id!, ...contentOf(one.content) })),
          },
        ]
      : []),
    ...(texts.length > 0 ? [{ role: 'user' as const, text: texts.join('\n\n'), ...filesField(filesIn(content)) }] : []),
  ]
}

const TAKES: { readonly [block: string]: readonly string[] } = {
  image: ['image/png', 'image/jpeg', 'image/gif', 'image/webp'],
  document: ['application/pdf'],
}
const filesIn = (content: readonly Block[]) => content.flatMap(({ source }) => (source ? [source.media_type] : []))

function contentOf(content: unknown) {
  if (!Array.isArray(content)) return { text: String(content) }
  const blocks = content as readonly Block[]
  return { text: blocks.map(({ text = '' }) => text).join(''), ...filesField(filesIn(blocks)) }
}

/** A block that is a file, and those in a result. */
function fileFaults({ type, source, content }: Block): readonly string[] {
  if (type === 'tool_result' && Array.isArray(content))
    return (content as readonly Block[]).flatMap((one) =>
      ['text', 'image', 'document'].includes(one.type) ? fileFaults(one) : [`a block ${one.type} in a result`],
    )
  if (!Object.hasOwn(TAKES, type)) return source ? [`a source in a block ${type}`] : []
  return source?.type === 'base64' ? fileIn(source.data, source.media_type, TAKES[type]!).faults : ['no source']
}

const assistantTurn = (content: readonly Block[]): AssistantTurn => ({
  role: 'assistant',
  text: content.flatMap(({ type, text }) => (type === 'text' ? [text!] : [])).join(''),
  thoughts: content.flatMap(({ type, thinking, signature }) =>
    type === 'thinking' ? [`${thinking} ${signature}`] : [],
  ),
  calls: content.flatMap(({ type, id, name, input }) =>
    type === 'tool_use' ? [{ id: id!, name: name!, input: input! }] : [],
  ),
})

const event = (type: string, fields: object) => `event: ${type}\ndata: ${JSON.stringify({ type, ...fields })}\n\n`

function blockEvents(block: Block, index: number): string[] {
  const { type, text = '', thinking = '', signature, input = {} } = block
  const delta = (fields: object) => event('content_block_delta', { index, delta: fields })
  const [empty, deltas] =
    type === 'text'
      ? [{ type, text: '' }, pieces(text).map((piece) => delta({ type: 'text_delta', text: piece }))]
      : type === 'thinking'
        ? [
            { type, thinking: '', signature: '' },
            [
              ...pieces(thinking).map((piece) => delta({ type: 'thinking_delta', thinking: piece })),
              delta({ type: 'signature_delta', signature }),
            ],
          ]
        : [
            { ...block, input: {} },
            pieces(JSON.stringify(input)).map((piece) => delta({ type: 'input_json_delta', partial_json: piece })),
          ]
  return [
    event('content_block_start', { index, content_block: empty }),
    ...deltas,
    event('content_block_stop', { index }),
  ]
}

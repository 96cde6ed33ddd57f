import { isJsonObject, parseExact } from '../../../kernel/json.ts'
import { isName, nameOf } from './calls.ts'
import { changed, eachPlace, inMap, isOneOf, type JsonFields, knownOf, withFields } from './changed-fields.ts'

/** Blocks and deltas of a message. Others are passed over, as Anthropic asks of its clients. */
const isBlock = isOneOf('text', 'thinking', 'redacted_thinking', 'tool_use')
const DELTAS: { readonly [type: string]: string } = {
  text_delta: 'text',
  thinking_delta: 'thinking',
  signature_delta: 'signature',
  input_json_delta: 'partial_json',
}
const isCitation = isOneOf(
  'web_search_result_location',
  'page_location',
  'char_location',
  'content_block_location',
  'search_result_location',
)

/** The blocks of a whole message. */
export function mendBlocks(content: unknown): unknown {
  const known = knownOf(isBlock)(content)
  return Array.isArray(known) ? eachPlace(known, mendBlock) : known
}

/** A block. A thought that has no signature gets an empty one, and a call an id by its place. */
const mendBlock = (place: unknown) =>
  inMap((block) => {
    if (block.type === 'text') return changed(block, { text: textIn, citations: knownOf(isCitation) })
    if (block.type === 'thinking')
      return changed(withFields(block, { thinking: '', signature: '' }), { thinking: textIn, signature: textIn })
    if (block.type !== 'tool_use') return block
    return changed(withFields(block, { id: null, name: null, input: null }), {
      id: (id) => (isName(id) ? id : `toolu_${place}`),
      name: nameOf,
      input: (input) => (isJsonObject(input) ? input : (mapIn(input) ?? {})),
    })
  })

const textIn = (text: unknown) => (typeof text === 'string' ? text : '')

function mapIn(text: unknown): JsonFields | undefined {
  try {
    const value = parseExact(String(text))
    return isJsonObject(value) ? value : undefined
  } catch {
    return undefined
  }
}

/** Mends the events of a streamed message. Text that stands in the beginning of a block becomes a delta. */
export function createMessageMending() {
  const passedOver = new Set<unknown>()
  /** inputs that stand in the beginning of a call, in case that no delta follows */
  const inputs = new Map<unknown, string>()
  let early: readonly unknown[] = []
  let isOver = false
  const start = (index: unknown, given: unknown): readonly JsonFields[] => {
    passedOver.delete(index)
    inputs.delete(index)
    const block = mendBlock(index)(given) as JsonFields
    const begin = (empty: JsonFields) => ({ type: 'content_block_start', index, content_block: { ...block, ...empty } })
    if (block.type === 'text') return [begin({ text: '' }), ...deltaOf(index, 'text_delta', block.text)]
    if (block.type === 'thinking')
      return [
        begin({ thinking: '', signature: '' }),
        ...deltaOf(index, 'thinking_delta', block.thinking),
        ...deltaOf(index, 'signature_delta', block.signature),
      ]
    if (block.type === 'tool_use') {
      const { input } = given as JsonFields
      const isPart = typeof input === 'string' && mapIn(input) === undefined
      if (!isPart) inputs.set(index, JSON.stringify(block.input))
      return [begin({ input: {} }), ...deltaOf(index, 'input_json_delta', isPart ? input : '')]
    }
    if (isBlock(block)) return [begin({})]
    passedOver.add(index)
    return []
  }
  const stop = (index: unknown): readonly JsonFields[] => {
    const input = inputs.get(index) ?? '{}'
    const rest = input === '{}' ? [] : deltaOf(index, 'input_json_delta', input)
    return passedOver.has(index) ? [] : [...rest, { type: 'content_block_stop', index }]
  }
  /** Blocks that stand in the event that begins the message, and do not come again. */
  const earlyBlocks = (): readonly JsonFields[] => {
    const blocks = early
    early = []
    return blocks.flatMap((block, index) => [...start(index, block), ...stop(index)])
  }
  const delta = (event: JsonFields): readonly JsonFields[] => {
    const { index, delta: given } = event
    if (passedOver.has(index) || !isJsonObject(given)) return []
    if (given.type === 'citations_delta') return isCitation(given.citation) ? [event] : []
    if (given.type === 'input_json_delta' && given.partial_json) inputs.delete(index)
    return deltaOf(index, given.type, given[DELTAS[String(given.type)] ?? ''])
  }
  const take = (event: JsonFields): readonly JsonFields[] => {
    const { type, index, message } = event
    if (type === 'message_start') {
      const { content } = isJsonObject(message) ? message : {}
      early = Array.isArray(content) ? content : []
      return [isJsonObject(message) ? { ...event, message: { ...message, content: [] } } : event]
    }
    if (type === 'content_block_start') {
      if (typeof index === 'number' && index < early.length) early = []
      return [...earlyBlocks(), ...start(index, event.content_block)]
    }
    if (type === 'content_block_delta') return delta(event)
    if (type === 'content_block_stop') return stop(index)
    isOver = type === 'message_stop'
    return type === 'message_delta' || isOver ? [...earlyBlocks(), event] : []
  }
  // some servers send a message again after its end
  return { take: (event: JsonFields) => (isOver ? [] : take(event)) }
}

/** A delta; none for a kind that is not known, and for no text. */
function deltaOf(index: unknown, type: unknown, text: unknown): readonly JsonFields[] {
  const field = Object.hasOwn(DELTAS, String(type)) ? DELTAS[String(type)] : undefined
  if (field === undefined || typeof text !== 'string' || text === '') return []
  return [{ type: 'content_block_delta', index, delta: { type, [field]: text } }]
}

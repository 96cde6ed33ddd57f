import type { LanguageModelV4CallOptions, LanguageModelV4Message } from '@ai-sdk/provider'
import { PROVIDER_OPTIONS_KEY } from '../model-id.ts'
import type { PromptCache } from './request.ts'

type Marked = Pick<LanguageModelV4CallOptions, 'prompt' | 'tools'>
type CacheTime = Exclude<PromptCache, 'off'>
type Part = Exclude<LanguageModelV4Message['content'], string>[number]
/** A part that can carry a mark. `block`: its number among all parts. `turn`: the wire joins a user's messages. */
type Place = { readonly message: number; readonly part: number; readonly block: number; readonly turn: number }

/** Marks of one request that Anthropic accepts. */
const MAX_MARKS = 4
/** From a mark, Anthropic looks back over this many parts for what an earlier request has marked. */
const LOOK_BACK = 20

/** A part that only this request shows. Marks stand before it. */
export const FLEETING = { [PROVIDER_OPTIONS_KEY]: { fleeting: true } } as const

/**
 * A request with marks up to which the provider caches it: at the end of the tools, of the instructions, of the last
 * but one message, and of all that the next request repeats. If a message has so many parts that the provider would not
 * find the end of the request before, that is marked instead of the tools. Pure.
 */
export function withCacheMarks<Options extends Marked>(options: Options, cacheTime: CacheTime): Options {
  const { prompt, tools = [] } = options
  const places = placesIn(prompt)
  const end = places.at(-1)
  const endOf = (turn: number) => places.findLast((place) => place.turn === turn)
  const [lastButOne, before] = end ? [endOf(end.turn - 1), endOf(end.turn - 2)] : []
  const isFar = lastButOne && before && lastButOne.block - before.block >= LOOK_BACK
  const marked = [...(isFar ? [before] : []), lastButOne, end].filter((place) => place !== undefined)
  const hasSystem = prompt.some(({ role }) => role === 'system')
  const lastTool = marked.length + (hasSystem ? 1 : 0) < MAX_MARKS ? tools.length - 1 : -1
  const mark = { type: 'ephemeral', ...(cacheTime === '1h' && { ttl: cacheTime }) } as const
  const lastSystem = prompt.findLastIndex(({ role }) => role === 'system')
  const messages = prompt.map((message, at) => {
    if (at === lastSystem) return withMark(withMark(message, 'anthropic', mark), 'openaiCompatible', mark)
    const places = marked.filter((place) => place.message === at)
    return places.reduce((one, { part }) => withMarkAt(one, part, mark), message)
  })
  return {
    ...options,
    prompt: messages,
    ...(options.tools && {
      tools: tools.map((tool, at) => (at === lastTool ? withMark(tool, 'anthropic', mark) : tool)),
    }),
  }
}

type Mark = { readonly type: 'ephemeral'; readonly ttl?: '1h' }
const NAMES = { anthropic: 'cacheControl', openaiCompatible: 'cache_control' } as const

function withMark<T extends object>(value: T, wire: 'anthropic' | 'openaiCompatible', mark: Mark): T {
  const { providerOptions = {} } = value as { readonly providerOptions?: { readonly [wire: string]: object } }
  return {
    ...value,
    providerOptions: { ...providerOptions, [wire]: { ...providerOptions[wire], [NAMES[wire]]: mark } },
  }
}

/** In the chat protocol a message of the assistant has one text, so the mark stands at the message. */
function withMarkAt(message: LanguageModelV4Message, at: number, mark: Mark): LanguageModelV4Message {
  const isSaid = message.role === 'assistant'
  const content = (message.content as readonly Part[]).map((part, index) => {
    if (index !== at) return part
    const marked = withMark(part, 'anthropic', mark)
    return isSaid ? marked : withMark(marked, 'openaiCompatible', mark)
  })
  const marked = { ...message, content } as LanguageModelV4Message
  return isSaid ? withMark(marked, 'openaiCompatible', mark) : marked
}

/** The parts that later requests repeat, and that can carry a mark. */
function placesIn(prompt: readonly LanguageModelV4Message[]): readonly Place[] {
  const places: Place[] = []
  let [block, turn, isSaid] = [0, 0, false]
  for (const [message, { role, content }] of prompt.entries()) {
    if (role === 'system') continue
    if (isSaid !== (role === 'assistant')) turn++
    isSaid = role === 'assistant'
    for (const [part, one] of content.entries()) {
      block++
      if (canCarry(one)) places.push({ message, part, block, turn })
    }
  }
  return places
}

function canCarry(part: Part): boolean {
  if (part.type === 'text') return part.text.trim() !== '' && !part.providerOptions?.[PROVIDER_OPTIONS_KEY]?.fleeting
  return part.type === 'tool-call' || part.type === 'tool-result' || part.type === 'file'
}

type ChatMessage = { readonly content?: unknown; readonly cache_control?: unknown; readonly [field: string]: unknown }
type ChatPart = { readonly type?: unknown; readonly cache_control?: unknown }

/**
 * Messages of the chat protocol with their marks where OpenRouter reads them: at the parts of their content. The mark
 * of a message without text moves to the text before it. Pure.
 */
export function marksInParts(messages: readonly ChatMessage[]): readonly ChatMessage[] {
  if (messages.every(({ cache_control: mark }) => mark === undefined)) return messages
  const placed: ChatMessage[] = []
  for (const { cache_control: mark, ...message } of messages) {
    placed.push(message)
    for (let at = placed.length - 1; mark !== undefined && at >= 0; at--) {
      const parts = partsOf(placed[at]!)
      if (parts.length === 0) continue
      const content = parts.map((part, place) => (place === parts.length - 1 ? { ...part, cache_control: mark } : part))
      placed[at] = { ...placed[at], content }
      break
    }
  }
  return placed
}

function partsOf({ content }: ChatMessage): readonly ChatPart[] {
  if (Array.isArray(content)) return content as readonly ChatPart[]
  return typeof content === 'string' && content !== '' ? [{ type: 'text', text: content } as ChatPart] : []
}

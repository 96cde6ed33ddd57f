import type { LanguageModelV4Message } from '@ai-sdk/provider'
import { PROVIDER_OPTIONS_KEY } from '../model-id.ts'
import type { WireRules } from './rules.ts'

type Of<Role extends LanguageModelV4Message['role']> = Extract<LanguageModelV4Message, { readonly role: Role }>

/**
 * The messages of a request as a server with these rules accepts them. Messages that begin alike begin alike
 * afterwards, so that a provider finds them in its cache. Pure.
 */
export function acceptedMessages(
  messages: readonly LanguageModelV4Message[],
  { thoughts, sameRole, afterResult }: WireRules,
): LanguageModelV4Message[] {
  const thinking = messages.flatMap<LanguageModelV4Message>((one) =>
    one.role === 'assistant' ? withThoughts(one, thoughts) : [one],
  )
  const joined = sameRole === 'joined' ? thinking.reduce<LanguageModelV4Message[]>(addJoined, []) : thinking
  return afterResult === 'bridge' ? joined.flatMap(bridged) : joined
}

/** Fields of the chat protocol in which servers give thoughts. */
const THOUGHT_FIELDS = ['reasoning_content', 'reasoning', 'reasoning_details']

function withThoughts(message: Of<'assistant'>, rule: WireRules['thoughts']): Of<'assistant'>[] {
  if (rule === 'kept') return [message]
  const { content, providerOptions = {} } = message
  const fields = providerOptions.openaiCompatible
  const withFields = (changed: typeof fields) => ({ ...providerOptions, openaiCompatible: changed! })
  if (rule === 'required') {
    if (!content.some(({ type }) => type === 'tool-call')) return [message]
    const thoughts = content.map((part) => (part.type === 'reasoning' ? part.text : '')).join('')
    if (thoughts !== '' && !Object.hasOwn(fields ?? {}, 'reasoning_content')) return [message]
    return [{ ...message, providerOptions: withFields({ ...fields, reasoning_content: thoughts }) }]
  }
  const said = content.filter(({ type }) => type !== 'reasoning')
  if (said.length === 0) return []
  const left = Object.entries(fields ?? {}).filter(([name]) => !THOUGHT_FIELDS.includes(name))
  return [{ ...message, content: said, ...(fields && { providerOptions: withFields(Object.fromEntries(left)) }) }]
}

/** Adds a message, or its content to the message before it if that has the same role. */
function addJoined(messages: LanguageModelV4Message[], message: LanguageModelV4Message): LanguageModelV4Message[] {
  const last = messages.at(-1)
  if (message.role === 'system') messages.push(message)
  else if (last?.role === message.role) messages[messages.length - 1] = joinedMessage(last as typeof message, message)
  else messages.push(message.role === 'user' ? { ...message, content: joinedTexts(message.content) } : message)
  return messages
}

type Spoken = Exclude<LanguageModelV4Message, Of<'system'>>

/** Two messages of one role as one. */
function joinedMessage(one: Spoken, other: Spoken): LanguageModelV4Message {
  const content = joinedTexts([...one.content, ...other.content] as Part[])
  const options = { ...one.providerOptions, ...other.providerOptions }
  return { ...one, content, ...(Object.keys(options).length > 0 && { providerOptions: options }) } as Spoken
}

type Part = Spoken['content'][number]

/** Parts of which neighbouring texts are one: some servers read only a message that is one text. */
function joinedTexts<P extends Part>(parts: readonly P[]): P[] {
  return parts.reduce<P[]>((all, part) => {
    const last = all.at(-1)
    if (last && isPlainText(last) && isPlainText(part))
      all[all.length - 1] = { ...last, ...part, text: `${last.text}\n\n${part.text}` }
    else all.push(part)
    return all
  }, [])
}

/** A text without settings for a provider. */
const isPlainText = (part: Part): part is Extract<Part, { readonly type: 'text' }> =>
  part.type === 'text' && Object.keys(part.providerOptions ?? {}).every((name) => name === PROVIDER_OPTIONS_KEY)

/** A user's message may not follow a result, nor be put into it: there a model gives its words no authority. */
function bridged(message: LanguageModelV4Message, place: number, all: readonly LanguageModelV4Message[]) {
  return message.role === 'user' && all[place - 1]?.role === 'tool' ? [BRIDGE, message] : [message]
}

const BRIDGE: LanguageModelV4Message = { role: 'assistant', content: [{ type: 'text', text: 'I have the results.' }] }

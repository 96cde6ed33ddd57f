import { isJsonObject, type Json } from '../../kernel/json.ts'
import type { AssistantPart, ToolRound } from './request.ts'

/**
 * How a message of the chat protocol gave its thoughts, as a part of what the model said: the field of their text,
 * and `reasoning_details` of OpenRouter, which it wants back unchanged.
 */
export type ChatThoughts = {
  readonly thoughtsIn?: 'reasoning_content' | 'reasoning'
  readonly reasoning_details?: Json
}

/** The name of the SDK for options of the chat protocol. */
const CHAT = 'openaiCompatible'

export const thoughtsPart = (thoughts: ChatThoughts): AssistantPart => ({
  type: 'reasoning',
  text: '',
  providerOptions: { [CHAT]: thoughts },
})

function thoughtsOf({ type, providerOptions }: AssistantPart): ChatThoughts | undefined {
  const noted = type === 'reasoning' && isJsonObject(providerOptions) ? providerOptions[CHAT] : undefined
  return isJsonObject(noted) ? (noted as ChatThoughts) : undefined
}

/**
 * Leaves the thoughts out of a part of a message that is shortened. A server that gives thoughts with calls wants the
 * field, even if it is empty, and encrypted thoughts may hold the signature of a call.
 */
export function withoutThoughts(part: AssistantPart): AssistantPart[] {
  const { whole: _, ...spoken } = part
  if (part.type !== 'reasoning') return [spoken]
  const { thoughtsIn, reasoning_details: details } = thoughtsOf(part) ?? {}
  const encrypted = Array.isArray(details)
    ? details.filter((one) => isJsonObject(one) && one.type === 'reasoning.encrypted')
    : []
  if (thoughtsIn === undefined && encrypted.length === 0) return []
  return [
    thoughtsPart({
      ...(thoughtsIn !== undefined && { thoughtsIn }),
      ...(encrypted.length > 0 && { reasoning_details: encrypted }),
    }),
  ]
}

/** Rounds in which each call has the field for thoughts, once a server has given thoughts in it. */
export function withThoughtsOfCalls(rounds: readonly ToolRound[]): readonly ToolRound[] {
  let isWanted = false
  return rounds.map((round) => {
    const noted = round.said.map(thoughtsOf).find((one) => one !== undefined)
    isWanted ||= noted?.thoughtsIn === 'reasoning_content'
    if (!isWanted || noted || !round.said.some(({ type }) => type === 'tool-call')) return round
    return { ...round, said: [thoughtsPart({ thoughtsIn: 'reasoning_content' }), ...round.said] }
  })
}

/** A text as the model wrote it. Its `text` is what people read: thoughts between tags are left out. */
const asItCame = ({ whole, ...part }: AssistantPart): AssistantPart =>
  typeof whole === 'string' ? { ...part, text: whole } : part

/** The parts of a message for the SDK, and fields that the message has beside them in the chat protocol. */
export function splitThoughts(said: readonly AssistantPart[]): {
  readonly parts: readonly AssistantPart[]
  readonly fields?: { readonly [CHAT]: { readonly [field: string]: Json | undefined } }
} {
  const noted = said.map(thoughtsOf).find((one) => one !== undefined)
  const parts = said.filter((part) => thoughtsOf(part) === undefined).map(asItCame)
  if (!noted) return { parts }
  const { thoughtsIn, ...fields } = noted
  const text = parts.map((part) => (part.type === 'reasoning' ? String(part.text) : '')).join('')
  const texts =
    thoughtsIn === 'reasoning' ? { reasoning: text, reasoning_content: undefined } : { reasoning_content: text }
  return { parts, fields: { [CHAT]: { ...fields, ...(thoughtsIn !== undefined && texts) } } }
}

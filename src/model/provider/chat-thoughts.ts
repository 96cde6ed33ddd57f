import type { SharedV4ProviderMetadata } from '@ai-sdk/provider'
import { isJsonObject } from '../../kernel/json.ts'
import type { Json } from '../../kernel/schema.ts'
import type { ChatThoughts } from '../request/chat-thoughts.ts'
import type { JsonFields } from './mend/changed-fields.ts'

/** The name of the metadata of a reply that say how it gave its thoughts. */
export const CHAT_THOUGHTS = 'chatThoughts'

/** Notes of each reply of the chat protocol how it gave its thoughts. */
export const chatThoughtsExtractor = {
  extractMetadata: async ({ parsedBody }: { parsedBody: unknown }) => metadataOf(noted({}, parsedBody, 'message')),
  createStreamExtractor() {
    let thoughts: ChatThoughts = {}
    return {
      processChunk(chunk: unknown) {
        thoughts = noted(thoughts, chunk, 'delta')
      },
      buildMetadata: () => metadataOf(thoughts),
    }
  },
}

const metadataOf = (thoughts: ChatThoughts): SharedV4ProviderMetadata | undefined =>
  Object.keys(thoughts).length > 0 ? ({ [CHAT_THOUGHTS]: thoughts } as SharedV4ProviderMetadata) : undefined

function noted(thoughts: ChatThoughts, reply: unknown, where: 'message' | 'delta'): ChatThoughts {
  const choices = isJsonObject(reply) && Array.isArray(reply.choices) ? reply.choices : []
  const message: unknown = isJsonObject(choices[0]) ? choices[0][where] : undefined
  if (!isJsonObject(message)) return thoughts
  const { reasoning_content: content, reasoning, reasoning_details: details } = message
  const field =
    typeof content === 'string'
      ? 'reasoning_content'
      : reasoning && typeof reasoning === 'string'
        ? 'reasoning'
        : undefined
  const known = (thoughts.reasoning_details ?? []) as readonly JsonFields[]
  const all = Array.isArray(details) ? details.filter(isJsonObject).reduce(addDetail, known) : known
  return {
    ...(field !== undefined && { thoughtsIn: field }),
    ...thoughts,
    ...(all.length > 0 && { reasoning_details: all as Json }),
  }
}

/** Texts of details. Those of one index come in pieces. */
const DETAIL_TEXTS = ['text', 'summary']

function addDetail(details: readonly JsonFields[], piece: JsonFields): readonly JsonFields[] {
  const at = details.findLastIndex(
    ({ type, index }, place) =>
      type === piece.type && (piece.index === undefined ? place === details.length - 1 : index === piece.index),
  )
  const found = details[at]
  const isOther = found && piece.id && found.id && piece.id !== found.id
  if (!found || isOther || piece.type === 'reasoning.encrypted') return [...details, piece]
  const given = Object.entries(piece).filter(([, value]) => value !== null)
  const texts = DETAIL_TEXTS.filter((name) => typeof piece[name] === 'string')
  const joined = texts.map((name) => [name, `${found[name] ?? ''}${piece[name]}`])
  return details.with(at, { ...found, ...Object.fromEntries([...given, ...joined]) })
}

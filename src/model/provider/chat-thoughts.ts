import type { SharedV4ProviderMetadata } from '@ai-sdk/provider'
import { isJsonObject, type Json } from '../../kernel/json.ts'
import type { ChatThoughts } from '../request/chat-thoughts.ts'
import type { JsonFields } from './mend/changed-fields.ts'

/** The name of the metadata of a reply that say how it gave its thoughts. */
export const CHAT_THOUGHTS = 'chatThoughts'

/** The name of the metadata of a reply with the addresses of the pictures that the model made. */
export const CHAT_PICTURES = 'chatPictures'

/** Notes of each reply of the chat protocol how it gave its thoughts, and its pictures, which the SDK does not read. */
export const chatExtractor = {
  extractMetadata: async ({ parsedBody }: { parsedBody: unknown }) => {
    const message = messageIn(parsedBody, 'message')
    return metadataOf(noted({}, message), picturesIn(message))
  },
  createStreamExtractor() {
    let thoughts: ChatThoughts = {}
    const pictures: string[] = []
    return {
      processChunk(chunk: unknown) {
        const delta = messageIn(chunk, 'delta')
        thoughts = noted(thoughts, delta)
        pictures.push(...picturesIn(delta))
      },
      buildMetadata: () => metadataOf(thoughts, pictures),
    }
  },
}

function metadataOf(thoughts: ChatThoughts, pictures: readonly string[]): SharedV4ProviderMetadata | undefined {
  const metadata = {
    ...(Object.keys(thoughts).length > 0 && { [CHAT_THOUGHTS]: thoughts }),
    // a server may send a picture again at its end
    ...(pictures.length > 0 && { [CHAT_PICTURES]: { urls: [...new Set(pictures)] } }),
  }
  return Object.keys(metadata).length > 0 ? (metadata as SharedV4ProviderMetadata) : undefined
}

function messageIn(reply: unknown, where: 'message' | 'delta'): JsonFields {
  const choices = isJsonObject(reply) && Array.isArray(reply.choices) ? reply.choices : []
  const message: unknown = isJsonObject(choices[0]) ? choices[0][where] : undefined
  return isJsonObject(message) ? message : {}
}

/** OpenRouter lists pictures beside the text: `{ type: image_url, image_url: { url } }`. */
function picturesIn({ images }: JsonFields): readonly string[] {
  if (!Array.isArray(images)) return []
  return images.flatMap((image: unknown) => {
    const { image_url: given, url: bare } = isJsonObject(image) ? image : ({} as JsonFields)
    const url = isJsonObject(given) ? given.url : (given ?? bare)
    return typeof url === 'string' ? [url] : []
  })
}

function noted(thoughts: ChatThoughts, message: JsonFields): ChatThoughts {
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

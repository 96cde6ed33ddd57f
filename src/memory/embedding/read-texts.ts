import { is } from '../../errors.ts'
import { CALL_FAULTS } from '../../model/call/failure-kinds.ts'
import type { Encoder, EncoderCall } from '../../model/embed/encoder.ts'
import type { ReadRecord, UnreadRecord } from '../store/search/vectors.ts'

/** Faults of a text, and not of the encoder. */
const TEXT_FAULTS: readonly string[] = [
  CALL_FAULTS.context_length.code,
  CALL_FAULTS.content_filter.code,
  CALL_FAULTS.rejected.code,
]
/** Characters of a text that is embedded again on its own. The smallest encoders read that much. */
const SHORT_TEXT = 1_000

/**
 * The vectors of records. One without a vector has a text that the encoder does not understand, or that it refuses
 * while it takes another one. Rejects if the encoder fails.
 */
export async function readTexts(
  encoder: Encoder,
  unread: readonly UnreadRecord[],
  call: EncoderCall,
): Promise<readonly ReadRecord[]> {
  const known = unread.filter(({ text }) => encoder.understands?.(text) ?? true)
  const texts = known.map(({ text }) => text)
  const vectors = texts.length === 0 ? [] : await embedAll(encoder, texts, call)
  const byRid = new Map(known.map(({ rid }, place) => [rid, vectors[place]]))
  return unread.map(({ rid, version }) => {
    const vector = byRid.get(rid)
    return { rid, version, ...(vector && { vector }) }
  })
}

async function embedAll(
  encoder: Encoder,
  texts: readonly string[],
  call: EncoderCall,
): Promise<readonly (Float32Array | undefined)[]> {
  try {
    return await encoder.encode(texts, call)
  } catch (error) {
    if (!isFaultOfText(error)) throw error
    const vectors = await Array.fromAsync(texts, (text) => embedAlone(encoder, text, call))
    // an encoder that refuses every text is broken
    if (vectors.every((vector) => vector === undefined)) throw error
    return vectors
  }
}

async function embedAlone(encoder: Encoder, text: string, call: EncoderCall): Promise<Float32Array | undefined> {
  try {
    return (await encoder.encode([text.slice(0, SHORT_TEXT)], call))[0]
  } catch (error) {
    if (isFaultOfText(error)) return undefined
    throw error
  }
}

const isFaultOfText = (error: unknown) => is(error) && TEXT_FAULTS.includes(error.code)

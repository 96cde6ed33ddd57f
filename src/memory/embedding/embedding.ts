import { InvalidError, is, problemOf } from '../../errors.ts'
import { CALL_FAULTS } from '../../model/call/failure-kinds.ts'
import type { Encoder, EncoderCall } from '../../model/embed/encoder.ts'
import type { Duty } from '../actor/duty.ts'
import type { DutyResult } from '../actor/schedule.ts'
import type { OwnerCalls } from '../duties/calls.ts'
import type { GivenVector } from '../memory.ts'
import type { ReadRecord, UnreadRecord } from '../store/search/vectors.ts'

/** The vector of a query, if there is one, and the sentences that say what the search lacks. */
type AskedMeaning = {
  /** the model that is to read all records; absent: it does not understand the query */
  readonly model?: string
  readonly vector?: Float32Array
  readonly lacks: readonly string[]
}

/** Vectors of records and of queries. */
export interface Embedding {
  readonly model: string
  /** The vector of a query. Never rejects: without a vector, words are searched. */
  ask(owner: string, text: string): Promise<AskedMeaning>
  /** A vector that stands for a text. InvalidError `not_comparable` if its model or length differs. */
  take(owner: string, given: GivenVector): Promise<AskedMeaning>
  /**
   * Makes vectors of some records that have none of this model, the oldest first. It keeps no list, so it continues
   * after a crash, and starts again with another model. Rejects if the encoder fails.
   */
  readSome(owner: string, signal: AbortSignal): Promise<DutyResult>
  /** Vectors are made in the background from now on. A command without a server has none: its searches make some. */
  begin(): void
  readonly hasBegun: boolean
}

/** Texts that one task embeds. */
const MAX_TEXTS = 16
/** Time for the vector of a query, in ms. The encoder of this machine loads in about a second. */
const QUERY_MS = 10_000
/** Time that a search gives to missing vectors in a process that does nothing in the background, in ms. */
const CATCH_UP_MS = 2_000
/** Vectors that so short a time can give. A search does not wait where more are missing. */
const MAX_CATCH_UP = 64

export function createEmbedding({ read, write, now }: OwnerCalls, encoder: Encoder): Embedding {
  const { model } = encoder
  /** why records of an owner still wait */
  const reasons = new Map<string, string>()
  const underWay = new Map<string, Promise<DutyResult>>()
  let hasBegun = false
  /** how many numbers a vector of the encoder has, once that is known */
  let length: number | undefined

  async function readPortion(owner: string, signal: AbortSignal): Promise<DutyResult> {
    const unread = (await read(owner, 'unread', { model, limit: MAX_TEXTS })) ?? []
    if (unread.length === 0) return {}
    const records = await readTexts(encoder, unread, { owner, by: `memory/${owner}`, priority: 'low', signal })
    await write(owner, 'keepVectors', { model, records })
    reasons.delete(owner)
    const did = { vectors: records.filter(({ vector }) => vector).length }
    return unread.length < MAX_TEXTS ? { did } : { did, next: now() }
  }

  /** Two readers of one owner share a portion, so no text is embedded and paid twice. */
  function readSome(owner: string, signal: AbortSignal): Promise<DutyResult> {
    const portion =
      underWay.get(owner) ??
      readPortion(owner, signal)
        .catch((error: unknown) => {
          if (!signal.aborted) reasons.set(owner, problemOf(error).message)
          throw error
        })
        .finally(() => underWay.delete(owner))
    underWay.set(owner, portion)
    return portion
  }

  async function catchUp(owner: string): Promise<void> {
    const missing = (await read(owner, 'unread', { model, limit: MAX_CATCH_UP + 1 })) ?? []
    if (missing.length > MAX_CATCH_UP) return
    const signal = AbortSignal.timeout(CATCH_UP_MS)
    try {
      while (!signal.aborted) if ((await readSome(owner, signal)).next === undefined) return
    } catch {
      // the search says that vectors are missing
    }
  }

  function lacksOf(owner: string): readonly string[] {
    const reason = reasons.get(owner)
    return reason === undefined ? [] : [`records wait for their vectors: ${reason}`]
  }

  return {
    model,
    readSome,
    async ask(owner, text) {
      if (encoder.understands?.(text) === false) return { lacks: [] }
      if (!hasBegun) await catchUp(owner)
      if (!(await read(owner, 'hasVectors', { model }))) return { model, lacks: lacksOf(owner) }
      try {
        const signal = AbortSignal.timeout(QUERY_MS)
        const [vector] = await encoder.encode([text], { owner, priority: 'high', signal })
        return { model, lacks: lacksOf(owner), ...(vector && { vector }) }
      } catch (error) {
        return { model, lacks: [`records were found by their words alone: ${problemOf(error).message}`] }
      }
    },
    async take(owner, { numbers, model: madeBy = model }) {
      if (madeBy !== model) throw notComparable(`Expected a vector of ${model}, got one of ${madeBy}.`)
      const signal = AbortSignal.timeout(QUERY_MS)
      length ??= (await encoder.encode(['length'], { owner, priority: 'high', signal }))[0]!.length
      if (numbers.length !== length)
        throw notComparable(`Expected a vector of ${length} numbers, from ${model}, got ${numbers.length}.`)
      const size = Math.hypot(...numbers)
      if (size === 0 || size === Infinity)
        throw notComparable(`Expected a vector with a direction, got one of size ${size}.`)
      return { model, vector: Float32Array.from(numbers, (number) => number / size), lacks: lacksOf(owner) }
    },
    begin() {
      hasBegun = true
    },
    get hasBegun() {
      return hasBegun
    },
  }
}

/** The error for a vector that cannot be compared with those of the records. */
export const notComparable = (message: string) =>
  new InvalidError(message, {
    code: 'not_comparable',
    hint: 'Search by text: POST /v1/memory/search. `embedder:` in antiphon.yaml chooses the encoder.',
  })

/** Embeds added texts in portions. A process without a background leaves them to the next one. */
export const embeddingDuty = (embedding: Embedding): Duty => ({
  name: 'embedding',
  pause: 0,
  run: async (owner, signal) => (embedding.hasBegun ? embedding.readSome(owner, signal) : {}),
})

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
async function readTexts(
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

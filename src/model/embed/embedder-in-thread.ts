import type { AskMain, MainHandlers } from '../../worker/offload/runner.ts'
import { isEnglish } from '../text/english.ts'
import type { Embedder } from './embedder.ts'

type DescribableEmbedder = Pick<Embedder, 'embed' | 'understands'>

/** A description of the main thread's embedder that can be sent to a job in a thread. */
export type EmbedderDescription = { readonly understands: 'english' | 'any' }

/** Whether an embedder can be described to a thread: the thread must be able to tell which texts it understands. */
export function isDescribable(embedder: DescribableEmbedder | undefined): boolean {
  return embedder?.understands === undefined || embedder.understands === isEnglish
}

/** The description of an embedder for a job, and the handler of its requests for vectors. */
export function embedderPort(
  embedder: DescribableEmbedder | undefined,
  signal: AbortSignal | undefined,
): { readonly calls: EmbedderDescription | undefined; readonly answers: MainHandlers } {
  const embed = (texts: readonly string[]) => embedder!.embed(texts, signal)
  return {
    calls: embedder && { understands: embedder.understands ? 'english' : 'any' },
    answers: embedder ? { embed } : {},
  }
}

/** In the thread: a proxy of the main thread's embedder. */
export function remoteEmbedder({ understands }: EmbedderDescription, ask: AskMain): Embedder {
  return {
    embed: (texts) => ask('embed', texts) as Promise<Float32Array[]>,
    ...(understands === 'english' && { understands: isEnglish }),
    close: async () => {},
  }
}

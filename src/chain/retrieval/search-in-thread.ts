import { extname } from 'node:path'
import type { EmbedderDescription } from '../../model/embed/embedder-in-thread.ts'
import { embedderPort, isDescribable, remoteEmbedder } from '../../model/embed/embedder-in-thread.ts'
import { type OffloadJob, processOffload } from '../../worker/offload/offload.ts'
import type { AskMain } from '../../worker/offload/runner.ts'
import { type SourceText, searchTexts, type TextHits, type TextSearch } from './search-texts.ts'

/** Characters that can be ranked within a few dozen milliseconds. */
const MAX_INLINE_LENGTH = 32 * 1024
/** Maximum computing time of one search. */
const SEARCH_TIMEOUT_MS = 60_000
const SEARCH_JOB: OffloadJob = {
  file: new URL(`./search-in-thread${extname(import.meta.url)}`, import.meta.url),
  name: 'searchInThread',
}

/** Whether ranking the texts would block the main thread for too long. */
export function needsThread(texts: readonly SourceText[], { embedder }: Pick<TextSearch, 'embedder'>): boolean {
  return (
    isDescribable(embedder) && texts.reduce((size, { content }) => size + content.text.length, 0) > MAX_INLINE_LENGTH
  )
}

type Input = Pick<TextSearch, 'question' | 'parts' | 'places' | 'terms' | 'known'> & {
  readonly texts: readonly SourceText[]
  readonly embedder?: EmbedderDescription | undefined
}

/** Searches in a thread; the embedder stays where it is. */
export function searchOffloaded(
  texts: readonly SourceText[],
  { signal, embedder, share = '', ...search }: TextSearch & { readonly share?: string },
): Promise<TextHits> {
  const { calls, answers } = embedderPort(embedder, signal)
  const { question, parts, places, terms, known } = search
  const input: Input = { texts, question, parts, places, known, embedder: calls, ...(terms && { terms }) }
  const job = { share, deadline: SEARCH_TIMEOUT_MS, what: 'Searching these texts', signal, answers }
  return processOffload().run(SEARCH_JOB, input, job) as Promise<TextHits>
}

/** The thread's side of the search. */
export function searchInThread({ texts, embedder, ...search }: Input, ask: AskMain): Promise<TextHits> {
  return searchTexts(texts, { ...search, ...(embedder && { embedder: remoteEmbedder(embedder, ask) }) })
}

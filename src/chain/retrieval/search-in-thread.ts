import { extname } from 'node:path'
import { canTell, type EmbedderCalls, embedderAnswers, embedderOver } from '../../model/embed/embedder-in-thread.ts'
import { type AsideJob, asideOfProcess } from '../../worker/offload/offload.ts'
import type { Ask } from '../../worker/offload/thread-entry.ts'
import { type SourceText, searchTexts, type TextHits, type TextSearch } from './search-texts.ts'

/** Characters that are ranked in a few dozen milliseconds. */
const SMALL = 32 * 1024
/** ms that one search may compute. */
const DEADLINE = 60_000
const IN_THREAD: AsideJob = {
  file: new URL(`./search-in-thread${extname(import.meta.url)}`, import.meta.url),
  name: 'searchInThread',
}

/** Whether texts are so long that ranking them would hold up the main thread. */
export function isLarge(texts: readonly SourceText[], { embedder }: Pick<TextSearch, 'embedder'>): boolean {
  return canTell(embedder) && texts.reduce((size, { text }) => size + text.length, 0) > SMALL
}

type Input = Pick<TextSearch, 'question' | 'known'> & {
  readonly texts: readonly SourceText[]
  readonly embedder?: EmbedderCalls | undefined
}

/** Searches in a thread; what is compared by meaning is embedded where the embedder is. */
export function searchAside(
  texts: readonly SourceText[],
  { question, known, signal, embedder, share = '' }: TextSearch & { readonly share?: string },
): Promise<TextHits> {
  const { calls, answers } = embedderAnswers(embedder, signal)
  const input: Input = { texts, question, known, embedder: calls }
  const terms = { share, deadline: DEADLINE, what: 'Searching these texts', signal, answers }
  return asideOfProcess().run(IN_THREAD, input, terms) as Promise<TextHits>
}

/** What the thread does. */
export function searchInThread({ texts, embedder, ...search }: Input, ask: Ask): Promise<TextHits> {
  return searchTexts(texts, { ...search, ...(embedder && { embedder: embedderOver(embedder, ask) }) })
}

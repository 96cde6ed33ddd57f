import { problemOf } from '../../errors.ts'
import type { RankOptions } from '../../model/rank/ranker.ts'
import type { ChainLimits } from '../protocol/limits.ts'
import type { ChainServices } from '../protocol/phase.ts'
import type { Hit, Retrieval, SourceRef, SourceReport } from '../protocol/phase-types.ts'
import { isLarge, searchAside } from './search-in-thread.ts'
import { type SourceText, searchTexts } from './search-texts.ts'

/** Sources as they were read, and what became of each. */
export type ReadSources = { readonly texts: readonly SourceText[]; readonly reports: readonly SourceReport[] }

type Search = {
  readonly question: string
  /** what an earlier cycle retrieved: it keeps its ids, and new hits go on counting */
  readonly known: readonly Hit[]
  readonly signal: AbortSignal
  /** absent: passages are ranked by their words */
  readonly embedder?: RankOptions['embedder']
}
type Sources = { readonly sources: readonly SourceRef[]; readonly signal: AbortSignal }
export type RetrieveOptions = SearchOptions & Sources
/** The same, with whose turn it takes where threads are divided. */
export type SearchOptions = Search & { readonly share?: string }

type Reader = Pick<ChainServices, 'readFile' | 'readBlob'> & {
  readonly limits: Pick<ChainLimits, 'files' | 'fileSize' | 'allFilesSize'>
}

/** Reads the sources and finds what in them fits the question best. A source that cannot be read is reported, never thrown. */
export async function retrieve(reader: Reader, options: RetrieveOptions): Promise<Retrieval> {
  return searchIn(await readSources(reader, options), options)
}

/** What in the sources fits the question best. Texts that take long to rank are ranked in a thread. */
export async function searchIn({ texts, reports }: ReadSources, search: SearchOptions): Promise<Retrieval> {
  const { hits, passages } = await (isLarge(texts, search) ? searchAside(texts, search) : searchTexts(texts, search))
  const counts = new Map(texts.map(({ source }, at) => [source.id, passages[at]!]))
  return { hits, sources: reports.map((report) => ({ ...report, passages: counts.get(report.source) ?? 0 })) }
}

// reading

/** Reads the sources. One that cannot be read is reported, never thrown. */
export async function readSources(reader: Reader, { sources, signal }: Sources): Promise<ReadSources> {
  const texts: SourceText[] = []
  const reports: SourceReport[] = []
  let left = reader.limits.allFilesSize
  for (const [place, source] of sources.entries()) {
    const text = place < reader.limits.files ? await readSource(reader, source, left, signal) : tooMany(reader)
    if (typeof text === 'string') {
      left -= text.length
      texts.push({ source, text })
      reports.push(reportOf(source, 'read'))
    } else reports.push({ ...reportOf(source, text.status), reason: text.reason })
  }
  return { texts, reports }
}

type Unread = { readonly status: 'failed' | 'skipped'; readonly reason: string }

async function readSource(
  reader: Reader,
  { ref, blob }: SourceRef,
  left: number,
  signal: AbortSignal,
): Promise<string | Unread> {
  const { fileSize } = reader.limits
  try {
    const text = await (blob === undefined ? reader.readFile(ref, signal) : reader.readBlob!(blob))
    if (text.length > fileSize) return { status: 'skipped', reason: `longer than ${fileSize} characters` }
    if (text.length > left) return { status: 'skipped', reason: 'the files before it are as much as can be read' }
    return text.includes('\u0000') ? { status: 'skipped', reason: 'not a text file' } : text
  } catch (error) {
    signal.throwIfAborted()
    return { status: 'failed', reason: problemOf(error).message }
  }
}

function tooMany({ limits }: Reader): Unread {
  return { status: 'skipped', reason: `only the first ${limits.files} files are read` }
}

function reportOf(source: SourceRef, status: SourceReport['status']): SourceReport {
  return { source: source.id, file: source.ref, status, passages: 0 }
}

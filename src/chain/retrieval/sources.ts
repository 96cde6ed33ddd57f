import { problemOf } from '../../errors.ts'
import type { RankOptions } from '../../model/rank/ranker.ts'
import type { SameWords } from '../protocol/domain.ts'
import type { ChainLimits } from '../protocol/limits.ts'
import type { ChainServices } from '../protocol/phase.ts'
import type { AskMemory, Hit, Retrieval, SourceRef, SourceReport } from '../protocol/phase-types.ts'
import { findRecords } from './records.ts'
import { needsThread, searchOffloaded } from './search-in-thread.ts'
import { type SourceText, searchTexts } from './search-texts.ts'

/** The texts of sources and of the memory, a report on each source, and what is missing of the memory. */
type SourceTexts = {
  readonly texts: readonly SourceText[]
  readonly reports: readonly SourceReport[]
  readonly lacks?: readonly string[]
}

type SearchInput = {
  readonly question: string
  /** terms of the question, whose words count as the same */
  readonly terms?: readonly SameWords[]
  /** hits of an earlier cycle: they keep their ids, and new ids continue the numbering */
  readonly known: readonly Hit[]
  readonly signal: AbortSignal
  /** absent: passages are ranked by words only */
  readonly embedder?: RankOptions['embedder']
}
type SourceList = { readonly sources: readonly SourceRef[]; readonly signal: AbortSignal }
type TextList = SourceList & Pick<SearchInput, 'question' | 'terms'> & { readonly memory?: AskMemory | undefined }
export type RetrieveOptions = SearchOptions & TextList
/** The same, with the fairness key for threads. */
type SearchOptions = SearchInput & { readonly share?: string }

type SourceReader = Pick<ChainServices, 'readFile' | 'readBlob' | 'readDomainFile' | 'memory'> & {
  readonly limits: Pick<ChainLimits, 'files' | 'fileSize' | 'allFilesSize'>
}

/**
 * Reads the sources and what the memory has for the question, and finds what fits the question best. An unreadable
 * source is reported, never thrown.
 */
export async function retrieve(reader: SourceReader, options: RetrieveOptions): Promise<Retrieval> {
  return searchSourceTexts(await readTexts(reader, options), options)
}

/** Finds what fits the question best. Long texts are ranked in a thread. */
export async function searchSourceTexts(
  { texts, reports, lacks = [] }: SourceTexts,
  search: SearchOptions,
): Promise<Retrieval> {
  const { hits, passages } = await (needsThread(texts, search)
    ? searchOffloaded(texts, search)
    : searchTexts(texts, search))
  const counts = new Map(texts.map(({ source }, at) => [source.id, passages[at]!]))
  const sources = reports.map((report) => ({ ...report, passages: counts.get(report.source) ?? 0 }))
  return { hits, sources, ...(lacks.length > 0 && { lacks }) }
}

// reading

/** Reads the sources, and the records of the memory that may fit the question. */
export async function readTexts(reader: SourceReader, options: TextList): Promise<SourceTexts> {
  const read = await readSources(reader, options)
  const found = options.memory && (await findRecords(reader, options))
  return found ? { ...read, texts: [...read.texts, ...found.texts], lacks: found.lacks } : read
}

/** Reads the sources. An unreadable source is reported, never thrown. */
async function readSources(reader: SourceReader, { sources, signal }: SourceList): Promise<SourceTexts> {
  const texts: SourceText[] = []
  const reports: SourceReport[] = []
  let left = reader.limits.allFilesSize
  for (const [place, source] of sources.entries()) {
    const read = place < reader.limits.files ? await readSource(reader, source, left, signal) : tooMany(reader)
    if ('reason' in read) reports.push({ ...reportOf(source, read.status), reason: read.reason })
    else {
      const { text, ...note } = read
      left -= text.length
      texts.push({ source, text })
      reports.push({ ...reportOf(source, 'read'), ...note })
    }
  }
  return { texts, reports }
}

type ReadSource = { readonly text: string; readonly note?: string }
type UnreadSource = { readonly status: 'failed' | 'skipped'; readonly reason: string }

async function readSource(
  reader: SourceReader,
  source: SourceRef,
  left: number,
  signal: AbortSignal,
): Promise<ReadSource | UnreadSource> {
  const { fileSize } = reader.limits
  const { ref, blob, kind } = source
  try {
    const found = await (kind === 'domain'
      ? reader.readDomainFile!(source, signal)
      : blob === undefined
        ? reader.readFile(ref, signal)
        : reader.readBlob!(blob))
    const read = typeof found === 'string' ? { text: found } : found
    const { text } = read
    if (text.length > fileSize) return { status: 'skipped', reason: `longer than ${fileSize} characters` }
    if (text.length > left) return { status: 'skipped', reason: 'the files before it are as much as can be read' }
    return text.includes('\u0000') ? { status: 'skipped', reason: 'not a text file' } : read
  } catch (error) {
    signal.throwIfAborted()
    return { status: 'failed', reason: problemOf(error).message }
  }
}

function tooMany({ limits }: SourceReader): UnreadSource {
  return { status: 'skipped', reason: `only the first ${limits.files} files are read` }
}

function reportOf(source: SourceRef, status: SourceReport['status']): SourceReport {
  return { source: source.id, file: source.ref, status, passages: 0 }
}

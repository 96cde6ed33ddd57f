import type { Retrieval, SourceReport } from '../../thread/protocol/phase-types.ts'
import { withPriors } from '../memory/priors.ts'
import { findRecords, type RecordQuestion, type RecordTexts } from '../memory/records.ts'
import type { LookOptions } from '../protocol/phase.ts'
import { beginReading, readFolder, readSource, type SourceReader } from './read-sources.ts'
import { needsThread, searchOffloaded } from './search-in-thread.ts'
import { type SourceText, searchTexts, type TextSearch } from './search-texts.ts'

/** The texts of sources and of the memory, a report on each source, and what is missing of the memory. */
type SourceTexts = {
  readonly texts: readonly SourceText[]
  readonly reports: readonly SourceReport[]
  readonly lacks?: readonly string[]
}

type TextList = RecordQuestion & Pick<TextSearch, 'parts'> & Pick<LookOptions, 'probed'>
/** A question with the fairness key for threads. */
type SearchOptions = TextSearch & Pick<RecordQuestion, 'signal'> & { readonly share?: string }
export type RetrieveOptions = SearchOptions & TextList

/** The passages of sources and memory that fit the question best. An unreadable source is reported, never thrown. */
export async function retrieve(reader: SourceReader, options: RetrieveOptions): Promise<Retrieval> {
  return searchSourceTexts(await readTexts(reader, options), options)
}

/** Finds what fits the question best. Long texts are ranked in a thread. */
export async function searchSourceTexts(
  { texts, reports, lacks = [] }: SourceTexts,
  search: SearchOptions,
): Promise<Retrieval> {
  const { hits, passages, ...where } = await (needsThread(texts, search)
    ? searchOffloaded(texts, search)
    : searchTexts(texts, search))
  const counts = new Map<string, number>()
  for (const [at, { source }] of texts.entries()) counts.set(source.id, (counts.get(source.id) ?? 0) + passages[at]!)
  const sources = reports.map((report) => ({ ...report, passages: counts.get(report.source) ?? 0 }))
  return { hits, sources, ...where, ...(lacks.length > 0 && { lacks }) }
}

// reading

/** Reads the sources, and the records of the memory that may fit the question. */
export async function readTexts(reader: SourceReader, options: TextList): Promise<SourceTexts> {
  const read = await readSources(reader, options)
  const { memory, priors, parts = [options.question] } = options
  const found = (memory || priors) && (await findRecordsOf(parts, reader, options))
  return found ? { ...read, texts: [...read.texts, ...found.texts], lacks: found.lacks } : read
}

/** The records for each part of a question, each record once. */
async function findRecordsOf(parts: readonly string[], reader: SourceReader, options: TextList) {
  const found = await Promise.all(parts.map((question) => findAll(reader, { ...options, question })))
  if (found.length === 1) return found[0]!
  const texts = new Map(found.flatMap((one) => one.texts).map((text) => [text.source.id, text]))
  return { texts: [...texts.values()], lacks: [...new Set(found.flatMap(({ lacks }) => lacks))] }
}

async function findAll(reader: SourceReader, search: RecordQuestion): Promise<RecordTexts> {
  const own = await findRecords(reader, search)
  return search.priors ? withPriors(own, reader, search) : own
}

/** Reads the sources. An unreadable source is reported, never thrown. */
async function readSources(reader: SourceReader, { sources, signal, probed }: TextList): Promise<SourceTexts> {
  const reading = beginReading(reader, signal, probed)
  const reports = await Array.fromAsync(sources, (source) =>
    (source.kind === 'folder' || source.kind === 'domain' ? readFolder : readSource)(reading, source),
  )
  return { texts: reading.texts, reports }
}

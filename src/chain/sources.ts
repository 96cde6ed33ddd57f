import { problemOf } from '../errors.ts'
import { type RankOptions, rankPassages, splitPassages, understands } from '../model/rank.ts'
import type { ChainLimits } from './limits.ts'
import type { ChainServices } from './ports.ts'
import { type Document, type Place, type Stretch, stretchAround } from './stretch.ts'
import type { Hit, SourceRef, SourceReport } from './types.ts'

/** What was found in the sources of an ask, and what became of each. */
export type Retrieval = { readonly hits: readonly Hit[]; readonly sources: readonly SourceReport[] }

/** Sources as they were read, and what became of each. */
export type ReadSources = { readonly documents: readonly Document[]; readonly reports: readonly SourceReport[] }

type Search = {
  readonly question: string
  /** what an earlier cycle retrieved: it keeps its ids, and new hits go on counting */
  readonly known: readonly Hit[]
  readonly signal: AbortSignal
  /** absent: passages are ranked by their words */
  readonly embedder?: RankOptions['embedder']
}
type Sources = { readonly sources: readonly SourceRef[]; readonly signal: AbortSignal }
export type RetrieveOptions = Search & Sources

type Reader = Pick<ChainServices, 'readFile' | 'readBlob'> & {
  readonly limits: Pick<ChainLimits, 'files' | 'fileSize' | 'allFilesSize'>
}
type Candidate = Place & { readonly id: string; readonly text: string; readonly heading: string }

const HITS = 8
const CANDIDATES = 40

/** Reads the sources and finds what in them fits the question best. A source that cannot be read is reported, never thrown. */
export async function retrieve(reader: Reader, options: RetrieveOptions): Promise<Retrieval> {
  return searchIn(await readSources(reader, options), options)
}

/** What in the sources fits the question best. */
export async function searchIn({ documents, reports }: ReadSources, search: Search): Promise<Retrieval> {
  const { question, known, signal, embedder } = search
  const candidates = documents.flatMap(candidatesOf)
  const able = embedder && understands(embedder, candidates) && { embedder }
  const ranked = await rankPassages(question, candidates, { limit: CANDIDATES, signal, ...able })
  const stretches = ranked.length > 0 ? pickStretches(ranked) : openings(documents)
  return { hits: numbered(stretches, known), sources: reports }
}

// reading

/** Reads the sources. One that cannot be read is reported, never thrown. */
export async function readSources(reader: Reader, { sources, signal }: Sources): Promise<ReadSources> {
  const documents: Document[] = []
  const reports: SourceReport[] = []
  let left = reader.limits.allFilesSize
  for (const [place, source] of sources.entries()) {
    const text = place < reader.limits.files ? await readSource(reader, source, left, signal) : tooMany(reader)
    if (typeof text === 'string') {
      left -= text.length
      const document = { source, text, passages: splitPassages(source.ref, text) }
      documents.push(document)
      reports.push(reportOf(source, 'read', document.passages.length))
    } else reports.push({ ...reportOf(source, text.status, 0), reason: text.reason })
  }
  return { documents, reports }
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

function reportOf(source: SourceRef, status: SourceReport['status'], passages: number): SourceReport {
  return { source: source.id, file: source.ref, status, passages }
}

// choosing

function candidatesOf(document: Document, order: number): Candidate[] {
  return document.passages.map(({ text, heading }, at) => ({ id: `${order}.${at}`, text, heading, document, at }))
}

/** The best passages with what surrounds them; one that lies in a stretch already taken adds nothing. */
function pickStretches(ranked: readonly (Candidate & { readonly score: number })[]): Stretch[] {
  const taken: Stretch[] = []
  for (const place of ranked) {
    if (taken.length === HITS) break
    if (!taken.some((stretch) => covers(stretch, place))) taken.push(stretchAround(place, place.score))
  }
  return taken
}

function covers({ document, first, last }: Stretch, place: Place): boolean {
  return document === place.document && first <= place.at && place.at <= last
}

/** Where no passage shares a word with the question, as in "summarise this": how the documents begin. */
function openings(documents: readonly Document[]): Stretch[] {
  return documents
    .filter(({ passages }) => passages.length > 0)
    .slice(0, HITS)
    .map((document) => stretchAround({ document, at: 0 }, 0))
}

// naming

/** Ids go on from those known; of the known hits those stay that no new one repeats, after the new ones. */
function numbered(stretches: readonly Stretch[], known: readonly Hit[]): readonly Hit[] {
  const fresh = known.length > 0 ? stretches.slice(0, HITS / 2) : stretches
  let last = known.reduce((most, { vid }) => Math.max(most, Number(vid.slice(1))), 0)
  const hits = fresh.map((stretch) => {
    const same = known.find((hit) => isSame(hit, stretch))
    return hitOf(stretch, same?.vid ?? `v${++last}`)
  })
  const ids = new Set(hits.map(({ vid }) => vid))
  return [...hits, ...known.filter(({ vid }) => !ids.has(vid))].slice(0, HITS)
}

/** Many stretches may stand on one line: a paragraph often is one. */
function isSame({ source, line, text }: Hit, stretch: Stretch): boolean {
  return source === stretch.document.source.id && line === stretch.line && text === stretch.text
}

function hitOf({ document, line, endLine, heading, text, score }: Stretch, vid: string): Hit {
  return { vid, source: document.source.id, file: document.source.ref, line, endLine, heading, text, score }
}

import { problemOf } from '../../errors.ts'
import { clip } from '../../lib/clip.ts'
import { MEMORY_LIMITS } from '../../memory/limits.ts'
import { type CheckedSources, type FoundRecords, partlyRead } from '../../memory/memory.ts'
import type { MemoryRecord } from '../../memory/record.ts'
import type { FileContent } from '../../source/document.ts'
import { textDocument } from '../../source/split.ts'
import type { SameWords } from '../../thread/protocol/domain.ts'
import type { AskMemory, Hit, SourceRef } from '../../thread/protocol/phase-types.ts'
import { neutralizeTags } from '../protocol/bounds.ts'
import type { ChainServices } from '../protocol/phase.ts'
import { sourceFilter } from './learned.ts'

/** A record as a text among others: its heading, and where it comes from. Lines of the text begin at `firstLine`. */
export type RecordText = {
  readonly source: SourceRef
  readonly content: FileContent
  readonly record: Pick<Hit, 'heading' | 'at' | 'changedAt' | 'prior'> & {
    readonly firstLine: number
    readonly origin: string
  }
}

/** The records for a question, and what is missing among them, a sentence each. */
export type RecordTexts = { readonly texts: readonly RecordText[]; readonly lacks: readonly string[] }

export type RecordQuestion = {
  readonly question: string
  readonly terms?: readonly SameWords[]
  readonly memory?: AskMemory | undefined
  readonly priors?: true | undefined
  /** the files of the ask: their own text counts, and not what the memory has of them */
  readonly sources: readonly SourceRef[]
  readonly signal: AbortSignal
}

/** The kind of a record that is a question with its answer. */
export const ANSWER_KIND = 'ask'

/** Records that compete with the passages of the files. */
export const MAX_RECORDS = 20
/** A question may be longer than the longest query of a memory. */
export const memoryQuery = (question: string): string => clip(question, MEMORY_LIMITS.query - 1)

/** Searches the memory of the asker. A failure is a lack of the answer, and never fails the ask. */
export async function findRecords(
  { memory: memoryOf }: Pick<ChainServices, 'memory'>,
  { question, terms = [], memory, sources, signal }: RecordQuestion,
): Promise<RecordTexts> {
  if (!memory || !memoryOf) return { texts: [], lacks: [] }
  const { owner, pinned } = memory
  try {
    const query = {
      ...sourceFilter(memory),
      text: memoryQuery([question, ...terms.flat()].join(' ')),
      limit: MAX_RECORDS,
    }
    const { records, ...searched } = await memoryOf(owner).search(query)
    const known = new Set([...pinned.map(({ record }) => record), ...sources.map(({ ref }) => ref)])
    const fresh = records.filter(({ id, source }) => !known.has(id) && !known.has(source.ref))
    for (const { id } of records) known.add(id)
    return { texts: fresh.filter((record) => !citesOneOf(known, record)).map(recordText), lacks: lacksOf(searched) }
  } catch (error) {
    signal.throwIfAborted()
    return { texts: [], lacks: [`the memory was not searched: ${problemOf(error).message}`] }
  }
}

/** The losses of a search, a sentence each. */
export function lacksOf({ coverage = 1, degraded = [], sources }: Omit<FoundRecords, 'records'>): readonly string[] {
  const half = coverage < 1 ? [partlyRead(coverage)] : []
  return [...new Set([...degraded, ...half]), ...(sources ? documentNotes(sources) : [])]
}

const GONE = 'is gone, so the memory has dropped its passages'

/** Whether a lack says that a document is gone: it may have had the answer. */
export const isGoneNote = (lack: string): boolean => lack.endsWith(GONE)

function documentNotes({ reread, dropped, renamed, unread, unchecked }: CheckedSources): readonly string[] {
  return [
    ...reread.map((ref) => `${ref} had changed, so the memory has read it again`),
    ...dropped.map((ref) => `${ref} ${GONE}`),
    ...renamed.map(({ ref, to }) => `${ref} is now ${to}`),
    ...unread.map(({ ref, reason }) => `${ref} may have changed, and cannot be read now: ${reason}`),
    ...unchecked.map((ref) => `${ref} may have changed, and was not looked at`),
  ]
}

/** An earlier answer is dropped if the text that it cites is found itself. */
function citesOneOf(known: ReadonlySet<string | undefined>, { kind, data }: MemoryRecord): boolean {
  const { cites } = (kind === ANSWER_KIND && data ? data : {}) as { readonly cites?: unknown }
  return Array.isArray(cites) && cites.some((cited) => known.has(cited))
}

/** The maximum of records in a list. */
const MAX_PINNED = 1000

/** The pinned records as hits with ids of their own, the newest first, as far as they fit: facts may hold again. */
export async function findPinned(
  memoryOf: NonNullable<ChainServices['memory']>,
  { owner, pinned: _, learned: __, ...filter }: AskMemory,
): Promise<readonly Hit[]> {
  const records = await memoryOf(owner).list({ ...filter, pinned: true, limit: MAX_PINNED })
  let left: number = MEMORY_LIMITS.pinned
  const fitting = records.filter(({ text, subject = '' }) => (left -= text.length + subject.length) >= 0)
  return fitting.map((record, place) => recordHit(recordText(record), `p${place + 1}`))
}

export function recordHit({ source, content: { text }, record }: RecordText, vid: string, score = 1): Hit {
  const { heading, firstLine: line, ...origin } = record
  const endLine = line + text.split('\n').length - 1
  const about = { source: source.id, record: source.id, file: source.ref, line, endLine, ...origin }
  return { vid, ...about, heading: neutralizeTags(heading), text: neutralizeTags(text), score }
}

export function recordText(record: MemoryRecord): RecordText {
  const { id, text, source, learnedAt } = record
  const { type, at = 'L1' } = source
  const ref = (isNamed(type) ? source.ref : undefined) ?? id
  const line = /^L(\d+)/.exec(at)?.[1]
  return {
    source: { id, kind: 'record', ref },
    content: textDocument(splitName(ref), text),
    record: {
      heading: headingOf(record),
      firstLine: Number(line ?? 1),
      ...(line === undefined && { at }),
      origin: neutralizeTags(originOf(record)),
      // the age of a file is that of the file
      ...(!isNamed(type) && { changedAt: learnedAt }),
    },
  }
}

/** The text of a document or a page was converted, so the ending of its name does not tell how to read it. */
const splitName = (ref: string) => (/^https?:|\.(?:x?html?|pdf|docx)$/i.test(ref) ? '' : ref)

/** The words above a text: the subject of a fact, or the headings of a passage. */
function headingOf({ kind, subject, data }: MemoryRecord): string {
  const { heading } = (kind === 'passage' && data ? data : {}) as { readonly heading?: unknown }
  return subject ?? (typeof heading === 'string' ? heading : '')
}

const ORIGINS: { readonly [type in MemoryRecord['source']['type']]: string } = {
  user: 'the user said',
  file: 'file',
  web: 'web page',
  ask: 'an earlier answer',
  goal: 'work of an agent',
  model: 'a model wrote',
  run: 'a pipeline wrote',
}

const isNamed = (type: MemoryRecord['source']['type']) => type === 'file' || type === 'web'

/** Where a record comes from, for a model that weighs it. */
function originOf({ source, learnedAt, validFrom, validTo }: MemoryRecord): string {
  const { type, ref } = source
  const parts = [
    `${ORIGINS[type]}${isNamed(type) && ref !== undefined ? ` ${clip(ref, 200)}` : ''}, ${dateOf(learnedAt)}`,
    ...(validFrom === undefined ? [] : [`true since ${dateOf(validFrom)}`]),
    ...(validTo === undefined ? [] : [`until ${dateOf(validTo)}`]),
  ]
  return parts.join(', ')
}

export const dateOf = (at: number) => new Date(at).toISOString().slice(0, 10)

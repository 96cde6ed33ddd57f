import { type RankOptions, rankPassages, understandsPassages } from '../../model/rank/ranker.ts'
import type { FileContent, Unit } from '../../source/document.ts'
import { unitsOf } from '../../source/units.ts'
import { nameTerms } from '../domains/terms.ts'
import type { SameWords } from '../protocol/domain.ts'
import type { Hit, SourceRef } from '../protocol/phase-types.ts'
import { excerptAround, type PassagePosition, type SourceDocument, type SourceExcerpt } from './excerpt.ts'
import { factExcerpts } from './fact-hits.ts'
import type { RecordText } from './records.ts'

/** A source with what it says. A record of the memory says more about itself. */
export type SourceText = { readonly source: SourceRef; readonly content: FileContent } & Partial<
  Pick<RecordText, 'record'>
>

/** A question to a set of texts. */
export type TextSearch = {
  readonly question: string
  /** terms of the question, whose words count as the same */
  readonly terms?: readonly SameWords[]
  /** hits of an earlier cycle: they keep their ids, and new ids continue the numbering */
  readonly known: readonly Hit[]
  /** the first letter of new ids; absent: v */
  readonly prefix?: 'w'
  readonly signal?: AbortSignal
  /** absent: passages are ranked by words only */
  readonly embedder?: RankOptions['embedder']
}

/** The best hits for the question, and the number of passages of each text. */
export type TextHits = { readonly hits: readonly Hit[]; readonly passages: readonly number[] }

type Candidate = PassagePosition & { readonly id: string; readonly text: string; readonly heading: string }

const MAX_HITS = 8
const MAX_CANDIDATES = 40

/** Finds the passages that fit a question best. The work is proportional to the length of the texts. */
export async function searchTexts(texts: readonly SourceText[], search: TextSearch): Promise<TextHits> {
  const { known, prefix = 'v', signal, embedder, terms = [] } = search
  const documents = texts.map(documentOf)
  const facts = factExcerpts(search.question, documents)
  const written = documents.flatMap(candidatesOf)
  const { question, candidates } =
    terms.length > 0 ? inNames(terms, search, written) : { ...search, candidates: written }
  // facts answer exactly, so what comes after them is found by words
  const able = facts.length === 0 && embedder && understandsPassages(embedder, candidates) && { embedder }
  const ranked = await rankPassages(question, candidates, { limit: MAX_CANDIDATES, ...(signal && { signal }), ...able })
  const stretches = [...facts, ...(ranked.length > 0 ? pickExcerpts(ranked) : openings(documents))]
  return { hits: numbered(stretches, known, prefix), passages: documents.map(({ units }) => units.length) }
}

/** The question and the passages with the name of a term in place of each of its words. */
function inNames(terms: readonly SameWords[], { question }: TextSearch, written: readonly Candidate[]) {
  const named = nameTerms(terms)
  const candidates = written.map((one) => ({ ...one, text: named(one.text), heading: named(one.heading) }))
  return { question: named(question), candidates }
}

function documentOf({ source, content, record }: SourceText): SourceDocument {
  const units = unitsOf(content)
  if (!record) return { source, content, units }
  const { heading } = record
  return { source, content, record, units: heading === '' ? units : units.map(below(heading)) }
}

const below =
  (above: string) =>
  (unit: Unit): Unit => ({ ...unit, heading: [above, unit.heading].filter(Boolean).join(' › ') })

// selection

function candidatesOf(document: SourceDocument, order: number): Candidate[] {
  return document.units.map(({ text, heading }, at) => ({ id: `${order}.${at}`, text, heading, document, at }))
}

/** The best passages with their surroundings. A passage inside an excerpt that was already taken adds nothing. */
function pickExcerpts(ranked: readonly (Candidate & { readonly score: number })[]): SourceExcerpt[] {
  const taken: SourceExcerpt[] = []
  for (const place of ranked) {
    if (taken.length === MAX_HITS) break
    if (!taken.some((stretch) => covers(stretch, place))) taken.push(excerptAround(place, place.score))
  }
  return taken
}

function covers({ document, first, last }: SourceExcerpt, place: PassagePosition): boolean {
  return document === place.document && first <= place.at && place.at <= last
}

/** For a question whose words occur in no passage, such as "summarise this": the beginnings of the files. */
function openings(documents: readonly SourceDocument[]): SourceExcerpt[] {
  return documents
    .filter(({ units, record }) => units.length > 0 && !record)
    .slice(0, MAX_HITS)
    .map((document) => excerptAround({ document, at: 0 }, 0))
}

// numbering

/** New ids continue the numbering. Known hits that no new hit repeats follow the new ones. Facts come on top. */
function numbered(stretches: readonly SourceExcerpt[], known: readonly Hit[], prefix: string): readonly Hit[] {
  const most = MAX_HITS + stretches.filter(({ fact }) => fact !== undefined).length
  const fresh = known.length > 0 ? stretches.slice(0, most - MAX_HITS / 2) : stretches
  let last = known.reduce((most, { vid }) => Math.max(most, Number(vid.slice(1))), 0)
  const hits = fresh.map((stretch) => {
    const same = known.find((hit) => isSame(hit, stretch))
    return hitOf(stretch, same?.vid ?? `${prefix}${++last}`)
  })
  const ids = new Set(hits.map(({ vid }) => vid))
  return [...hits, ...known.filter(({ vid }) => !ids.has(vid))].slice(0, most)
}

/** Many excerpts may be on one line, because a paragraph is often one line. */
function isSame({ source, file, line, text }: Hit, { document, ...stretch }: SourceExcerpt): boolean {
  const { id, ref } = document.source
  return source === id && file === ref && line === stretch.line && text === stretch.text
}

function hitOf({ document, first: _, last: __, ...excerpt }: SourceExcerpt, vid: string): Hit {
  const { source, record } = document
  const hit = { vid, source: source.id, file: source.ref, ...excerpt }
  if (!record) return hit
  const { firstLine: ___, heading: ____, ...origin } = record
  return { ...hit, record: source.id, ...origin }
}

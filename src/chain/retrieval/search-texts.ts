import { createRanker, type Ranked, type RankOptions, understandsPassages } from '../../model/rank/ranker.ts'
import { type FileContent, type Unit, unitsOf } from '../../source/document.ts'
import type { SameWords } from '../../thread/protocol/domain.ts'
import type { Hit, QuestionPart, Retrieval, SearchPlace, SourceRef } from '../../thread/protocol/phase-types.ts'
import { nameTerms } from '../domains/terms.ts'
import type { RecordText } from '../memory/records.ts'
import type { PlaceStep } from '../protocol/phase.ts'
import { excerptAround, excerptOf, type PassagePosition, type SourceDocument, type SourceExcerpt } from './excerpt.ts'
import { factExcerpts } from './fact-hits.ts'

/** A source with what it says. A record of the memory says more about itself. */
export type SourceText = { readonly source: SourceRef; readonly content: FileContent } & Partial<
  Pick<RecordText, 'record'>
>

/** A question to a set of texts. */
export type TextSearch = {
  readonly question: string
  /** the parts to search for instead of the question; absent: it has one */
  readonly parts?: readonly string[] | undefined
  /** where to look besides the best hits */
  readonly places?: readonly SearchPlace[] | undefined
  /** the passage beside a hit of an earlier ask is wanted */
  readonly step?: PlaceStep | undefined
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

/** Files of which no text fits, but which a model may see or hear. */
const MAX_UNSPOKEN = 4

/** The best hits for the question, the number of passages of each text, and where there is more. */
export type TextHits = Pick<Retrieval, 'hits' | 'parts' | 'left'> & { readonly passages: readonly number[] }

type Candidate = PassagePosition & { readonly id: string; readonly text: string; readonly heading: string }

const MAX_HITS = 8
const MAX_CANDIDATES = 40
/** A passage fits a question if it speaks of this share of it, or has this likeness. With less, nothing answers. */
const MIN_SPOKEN = 1 / 3
const MIN_LIKENESS = 0.5

/** Finds the passages that fit a question best. The work is proportional to the length of the texts. */
export async function searchTexts(texts: readonly SourceText[], search: TextSearch): Promise<TextHits> {
  const { parts, places = [], step, known, prefix = 'v', signal, embedder, terms = [] } = search
  const documents = texts.map(documentOf)
  const asked = parts ?? [search.question]
  const facts = asked.flatMap((question) => [
    ...(step ? steppedExcerpts(question, step, documents) : []),
    ...factExcerpts(question, documents),
  ])
  const written = documents.flatMap(candidatesOf)
  const { questions, candidates } =
    terms.length > 0 ? inNames(terms, asked, written) : { questions: asked, candidates: written }
  // facts answer exactly, so the results after them are found by words
  const able = facts.length === 0 && embedder && understandsPassages(embedder, candidates) && { embedder }
  const ranker = createRanker(candidates)
  const rankings: RankedPlace[][] = []
  // meaning has compared the best passages only, and these are known
  const isRest = places.includes('rest')
  const isWide = places.includes('wider')
  let hasWider = false
  for (const question of questions) {
    hasWider ||= !isWide && ranker.hasWider(question)
    rankings.push(
      await ranker.rank(question, { limit: MAX_CANDIDATES, isWide, ...(signal && { signal }), ...(!isRest && able) }),
    )
  }
  const ranked = takeTurns(rankings)
  const picked = ranked.length > 0 ? pickExcerpts(ranked, isRest ? 2 * MAX_HITS : MAX_HITS) : openings(documents)
  const stretches = isRest ? picked.filter((stretch) => !known.some((hit) => isSame(hit, stretch))) : picked
  // nothing in the known hits answers a question of one part, if the rest is looked at
  const most = known.length === 0 || (isRest && !parts) ? MAX_HITS : MAX_HITS / 2
  const { hits, ids } = numbered([...facts, ...stretches.slice(0, most), ...unspoken(documents, picked)], known, prefix)
  const hasRest = ranked.some((place) => fits(place) && !picked.some((stretch) => covers(stretch, place)))
  const left = [...(hasRest && !isRest ? (['rest'] as const) : []), ...(hasWider ? (['wider'] as const) : [])]
  return {
    hits,
    passages: documents.map(({ units }) => units.length),
    ...(parts && { parts: parts.map((part, at) => partOf(part, rankings[at]!, ids)) }),
    ...(left.length > 0 && { left }),
  }
}

type RankedPlace = Ranked<Candidate>

const fits = ({ spoken, likeness = 0 }: RankedPlace) => spoken >= MIN_SPOKEN || likeness >= MIN_LIKENESS

/** The best of each part first, then the second of each, so that every part has its share of the hits. */
function takeTurns(rankings: readonly RankedPlace[][]): readonly RankedPlace[] {
  if (rankings.length === 1) return rankings[0]!
  const most = Math.max(...rankings.map(({ length }) => length))
  return Array.from({ length: most }, (_, rank) => rankings.flatMap((ranking) => ranking[rank] ?? [])).flat()
}

/** A part of the question with the hits that hold a passage that fits it, best first. */
function partOf(question: string, ranking: readonly RankedPlace[], ids: ReadonlyMap<SourceExcerpt, string>) {
  const stretches = [...ids.keys()]
  const facts = stretches.filter(({ fact }) => fact === question)
  const fitting = ranking.filter(fits).map((place) => stretches.find((stretch) => covers(stretch, place)))
  const hits = new Set([...facts, ...fitting].flatMap((stretch) => (stretch ? [ids.get(stretch)!] : [])))
  return { question, hits: [...hits] } satisfies QuestionPart
}

/** The questions and the passages with the name of a term in place of each of its words. */
function inNames(terms: readonly SameWords[], asked: readonly string[], written: readonly Candidate[]) {
  const named = nameTerms(terms)
  const candidates = written.map((one) => ({ ...one, text: named(one.text), heading: named(one.heading) }))
  return { questions: asked.map(named), candidates }
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
function pickExcerpts(ranked: readonly RankedPlace[], most: number): SourceExcerpt[] {
  const taken: SourceExcerpt[] = []
  for (const place of ranked) {
    if (taken.length === most) break
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

type Numbered = { readonly hits: readonly Hit[]; readonly ids: ReadonlyMap<SourceExcerpt, string> }

/** New ids continue the numbering. Known hits that no new hit repeats follow the new ones. Facts come on top. */
function numbered(fresh: readonly SourceExcerpt[], known: readonly Hit[], prefix: string): Numbered {
  const most = MAX_HITS + fresh.filter(({ fact }) => fact !== undefined).length
  let last = known.reduce((most, { vid }) => Math.max(most, Number(vid.slice(1))), 0)
  const idOf = (stretch: SourceExcerpt) => known.find((hit) => isSame(hit, stretch))?.vid ?? `${prefix}${++last}`
  const ids = new Map(fresh.map((stretch) => [stretch, idOf(stretch)]))
  const hits = fresh.map((stretch) => hitOf(stretch, ids.get(stretch)!))
  const own = new Set(ids.values())
  return { hits: [...hits, ...known.filter(({ vid }) => !own.has(vid))].slice(0, most), ids }
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

/** The facts of files that a model may see or hear, so that it can cite them, although no text in them fits. */
function unspoken(documents: readonly SourceDocument[], picked: readonly SourceExcerpt[]): readonly SourceExcerpt[] {
  const isPicked = ({ source }: SourceDocument) => picked.some(({ document }) => document.source.id === source.id)
  const left = documents.filter((one) => one.content.places === 'fragments' && one.units.length > 0 && !isPicked(one))
  return left.slice(0, MAX_UNSPOKEN).map((document) => excerptAround({ document, at: 0 }, 0))
}

/**
 * The passage beside a hit. It answers exactly, as a fact does. None: the hit is the last one, or its file is not among
 * the documents. Pages are those of the file, or the frames of a film. Passages have the heading of the hit, such as
 * `Subtitles`.
 */
function steppedExcerpts(
  question: string,
  { from, to, by }: PlaceStep,
  documents: readonly SourceDocument[],
): readonly SourceExcerpt[] {
  const document = documents.find(({ source, record }) => source.ref === from.file && !record)
  const { places } = document?.content ?? {}
  if (!document || (places !== 'fragments' && places !== 'pages')) return []
  const { units } = document
  const own = units.findIndex(({ line }) => line === from.line)
  if (own === -1) return []
  const { heading, page } = units[own]!
  const isBeside = (unit: Unit) =>
    (places === 'pages' || unit.heading === heading) &&
    (by === 'page' ? unit.page !== page : unit.line < from.line || from.endLine < unit.line)
  const at =
    to === 'next' ? units.findIndex((unit, place) => place > own && isBeside(unit)) : lastBefore(units, own, isBeside)
  if (at === -1) return []
  const place = { document, at }
  const excerpt = by === 'page' ? excerptAround(place, 1) : excerptOf(document, { first: at, last: at }, 1)
  return [{ ...excerpt, fact: question }]
}

const lastBefore = (units: readonly Unit[], own: number, isBeside: (unit: Unit) => boolean): number =>
  units.slice(0, own).findLastIndex(isBeside)

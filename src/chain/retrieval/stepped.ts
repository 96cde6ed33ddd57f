import type { Unit } from '../../source/document.ts'
import type { PlaceStep } from '../protocol/phase.ts'
import { excerptAround, excerptOf, type SourceDocument, type SourceExcerpt } from './excerpt.ts'

/**
 * The passage beside a hit. It answers exactly, as a fact does. None: the hit is the last one, or its file is not among
 * the documents. Pages are those of the file, or the frames of a film. Passages have the heading of the hit, such as
 * `Subtitles`.
 */
export function steppedExcerpts(
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

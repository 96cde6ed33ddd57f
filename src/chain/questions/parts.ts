import type {
  PhaseInput,
  QuestionPart,
  Retrieval,
  SearchNotes,
  SearchPlace,
} from '../../thread/protocol/phase-types.ts'
import { fitItems } from '../protocol/bounds.ts'
import type { LookOptions } from '../protocol/phase.ts'
import { continuationPrompt } from '../protocol/recursion.ts'
import { takeApart } from './take-apart.ts'

/** The maximum characters of the parts in an output, as JSON. */
export const MAX_PARTS_SIZE = 1600

type Asked = Pick<PhaseInput, 'prompt' | 'outputs' | 'continuation'>

/** The parts of a question with the hits of each: by Intention, else by the search, else as its words say. */
export function partsOf({ prompt, outputs }: Pick<Asked, 'prompt' | 'outputs'>): readonly QuestionPart[] {
  const { intention, 'experience.vectors': texts, 'experience.web': web } = outputs
  const found = intention?.parts ?? withHits(texts?.parts, web?.parts)
  return found ?? takeApart(prompt).map((question) => ({ question, hits: [] }))
}

/** The parts of one leg of Experience, with the hits of both. */
function withHits(parts: SearchNotes['parts'], others: SearchNotes['parts']): SearchNotes['parts'] {
  if (!parts || !others) return parts ?? others
  const hitsOf = (asked: string) => others.find(({ question }) => question === asked)?.hits ?? []
  return parts.map(({ question, hits }) => ({ question, hits: [...hits, ...hitsOf(question)] }))
}

export const hasParts = (parts: readonly QuestionPart[]): boolean => parts.length > 1

/** The questions that no hit fits. A question with one part is one if Intention found nothing that matters for it. */
export function gapsOf(input: Pick<Asked, 'prompt' | 'outputs'>): readonly string[] {
  const parts = partsOf(input)
  if (hasParts(parts)) return parts.filter(({ hits }) => hits.length === 0).map(({ question }) => question)
  return (input.outputs.intention?.priorities.length ?? 0) > 0 ? [] : [input.prompt]
}

/**
 * Where a further search may find something: the places with something that no search of this ask has looked at. Both
 * legs of Experience say what is left to them. None: another cycle would find the same again.
 */
export function placesLeft(outputs: PhaseInput['outputs']): readonly SearchPlace[] {
  const legs = [outputs['experience.vectors'], outputs['experience.web']]
  const looked = new Set(legs.flatMap((leg) => leg?.looked ?? []))
  return [...new Set(legs.flatMap((leg) => leg?.left ?? []))].filter((place) => !looked.has(place))
}

/**
 * The search of Experience. The first one is for the question, or for each of its parts. A further one is for the parts
 * that are open and for what Understanding found missing, in the places that are left.
 */
export function searchFor(input: Asked): { readonly question: string } & LookOptions {
  const { prompt, continuation, outputs } = input
  const parts = partsOf(input)
  const isFirst = outputs['experience.vectors'] === undefined
  const gaps = isFirst ? [] : gapsOf(input)
  const places = gaps.length > 0 ? placesLeft(outputs) : []
  // a task that only repeats the gaps has no words of its own
  const task = gaps.length > 0 && continuation === continuationPrompt(gaps) ? '' : continuation
  const question = `${prompt}\n${task}`.trim()
  const looking = { question, ...(places.length > 0 && { places }) }
  if (!hasParts(parts)) return looking
  const open = gaps.length > 0 ? gaps : parts.map((part) => part.question)
  return { ...looking, parts: task === '' ? open : [...open, task] }
}

/** The parts after a search: what was searched for again has its new hits, and the others keep those that are left. */
export function partsAfter(
  before: readonly QuestionPart[],
  { parts, hits }: Pick<Retrieval, 'parts' | 'hits'>,
): readonly QuestionPart[] {
  const ids = new Set(hits.map(({ vid }) => vid))
  const all = before.map((part) => parts?.find(({ question }) => question === part.question) ?? part)
  return boundParts(all.map(({ question, hits }) => ({ question, hits: hits.filter((vid) => ids.has(vid)) })))
}

export const boundParts = (parts: readonly QuestionPart[]): readonly QuestionPart[] => fitItems(parts, MAX_PARTS_SIZE)

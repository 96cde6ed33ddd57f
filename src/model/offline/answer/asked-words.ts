import { queryTerms, termsOf } from '../../text/terms.ts'
import { isHeld } from './subject.ts'

const HELPERS =
  'is|are|was|were|has|have|can|may|must|should|will|do|does|did|ist|sind|war|waren|hat|haben|darf|kann|muss|soll|wird'
/** `How many pitches are`, `in which hotel does`: a text that answers names such a thing. */
const THING = new RegExp(`\\b(?:how many|which|welche[rsnm]?|wie viele) (\\p{Ll}[\\p{L}-]{2,}) (?:${HELPERS})\\b`, 'iu')
/** Words for the kind of an answer, which has a value of that kind instead. */
export const KIND =
  /^(?:ways?|kinds?|types?|sorts?|parts?|things?|names?|numbers?|colou?rs?|days?|dates?|months?|years?|weeks?|hours?|minutes?|times?|places?|people|persons?|sizes?|of|is|are|one|ones|versions?|languages?|country|countries|city|cities|tage?|jahre?|monate?|uhrzeit)$/i

/** The factor for each of them that is missing. Verbs are not among them: they have too many synonyms. */
const MISSING_FACTOR = 0.5

/** A passage as an answer to a question, and all texts beside it. `about`: the words that a wanted value belongs to. */
type Answering = {
  readonly question: string
  readonly about?: string
  readonly passage: string
  texts(): Iterable<string>
}

/**
 * The factor for a passage by the essential words of its question: the thing that is asked for stands in the
 * texts, and one word of what a value belongs to stands in the passage or its heading.
 */
export function essentialWordsFactor({ question, about, passage, texts }: Answering): number {
  const thing = THING.exec(question)?.[1]
  const asksThing = thing !== undefined && !KIND.test(thing)
  const all = asksThing ? new Set([...texts()].flatMap(termsOf)) : undefined
  const own = about === undefined ? undefined : new Set(termsOf(passage))
  const subject = own ? queryTerms(about!) : []
  return (
    (asksThing && !holds(thing, all!) ? MISSING_FACTOR : 1) *
    (subject.length > 0 && !subject.some((term) => isHeld(term, own!)) ? MISSING_FACTOR : 1)
  )
}

/** The share of the words of a subject that a text has. */
export function shareOf(subject: string, text: string): number {
  const held = new Set(termsOf(text))
  const terms = queryTerms(subject)
  return terms.filter((term) => held.has(term)).length / Math.max(1, terms.length)
}

const holds = (word: string, held: ReadonlySet<string>) => termsOf(word).every((term) => isHeld(term, held))

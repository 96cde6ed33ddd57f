import { termsOf } from '../../text/terms.ts'

const DOES = 'does|do|did|can|could|may|might|must|shall|should|will|would'
const IS = 'is|are|was|were|has|have|had'
/** The words after the first verb, up to what says where, when or why. */
const AFTER_VERB = new RegExp(
  `\\b(${DOES}|${IS})\\s+(.+?)(?=[?.!,;]|\\s(?:be|been|being|to|for|from|by|in|on|at|with|within|before|after|until|if|when|that|which|as|under|over|per|than|and|or)\\b|$)`,
  'i',
)
const DETERMINER = /^(?:the|an?|this|that|these|those|my|our|your|his|her|its|their|every|each|any)\s+/i
/** A verb at the end of the words before a preposition: `was Bookworm released`. */
const PARTICIPLE = /(?:ed|en)$/i

/** The question word is the subject: `Who may vote?`. */
const IS_SUBJECT = /^\W*who (?:can|could|may|might|must|shall|should|will|would)\b/i
const PRONOUN = /^(?:i|you|he|she|it|we|they|one|there)\b/i
/** Words for what a thing is, beside its name: `the option strict`. */
const CLASS =
  /^(?:options?|parameters?|settings?|propert(?:y|ies)|fields?|functions?|methods?|commands?|variables?|columns?|values?|files?|words?|terms?)$/i

/** The words that name the subject of a question: `the new tank` in `How much does the new tank hold?`. */
export function subjectOf(question: string): readonly string[] {
  const [, verb = '', phrase = ''] = AFTER_VERB.exec(question.trim()) ?? []
  if (phrase === '' || IS_SUBJECT.test(question) || PRONOUN.test(phrase)) return []
  const hasDeterminer = DETERMINER.test(phrase)
  const words = phrase.replace(DETERMINER, '').split(/\s+/)
  const isDoes = new RegExp(`^(?:${DOES})$`, 'i').test(verb)
  const endsWithVerb = isDoes || PARTICIPLE.test(words.at(-1)!)
  // `Which code is sent for it?`: the only word is the verb
  if (words.length === 1) return hasDeterminer || !/^\p{Ll}+$/u.test(phrase) ? words : []
  const named = (endsWithVerb ? words.slice(0, -1) : words).filter((word) => termsOf(word).length > 0)
  const particular = named.filter((word) => !CLASS.test(word))
  return particular.length > 0 ? particular : named
}

/** The words of a subject that a text does not have. */
export function lackedWords(subject: readonly string[], held: ReadonlySet<string>): readonly string[] {
  return subject.filter((word) => {
    const [whole = '', ...parts] = termsOf(word)
    return !isHeld(whole, held) && (parts.length === 0 || !parts.every((part) => isHeld(part, held)))
  })
}

/** Words of at least this length are the same if one begins with the other. */
const MIN_SHARED = 4

/** Whether one of these terms is the term, or a longer or shorter form of it. */
export function isHeld(term: string, held: ReadonlySet<string>): boolean {
  if (term === '' || held.has(term)) return true
  if (term.length < MIN_SHARED) return false
  for (const other of held)
    if (other.length >= MIN_SHARED && (other.startsWith(term) || term.startsWith(other))) return true
  return false
}

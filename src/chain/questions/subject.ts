import { readCodeQuestion } from './code-question.ts'

/** A thing that a clause names, such as `the roof`. */
const NAMED =
  /\b(?:the|my|our|your|an?|der|die|das|den|dem|ein|eine|einen|mein|meine|unser|unsere) (?!(?:most|same|other|first|last)\b)([\p{L}][\p{L}\p{N}'’-]*)/giu
/** A name of code: in backticks, with an inner capital or underscore, or after the word for what it is. */
const CODE_NAME =
  /`[^`]+`|(?<![\p{L}\p{N}_])[\p{L}\p{N}]*(?:[\p{Ll}\p{N}]\p{Lu}|[\p{L}\p{N}]_)[\p{L}\p{N}_]*|(?<=\bthe (?:function|method|class|struct|enum|trait|interface|type) )[\p{L}_][\p{L}\p{N}_]*/gu
/** The thing that a clause asks about: `how many auditors`, `which day`, `what deposit`. */
const ASKED =
  /^(?:\w+ )?(?:how many|how much|which|what) (?!(?:is|are|was|were|do|does|did|can|may|must|should|will|has|have|of|happens|the|an?)\b)([\p{L}][\p{L}\p{N}'’-]*) \S/iu
const PRONOUN = /\b(?:it|they|them)\b/gi

/**
 * The clause with its pronoun replaced by the thing that the clause before it asks about, else by the only one that it
 * names. If it names none or several, or the pronoun is German, whose genders say what is meant, the clause stays as it
 * is.
 */
export function nameSubject(clause: string, before: readonly string[]): string {
  if (clause.match(PRONOUN)?.length !== 1) return clause
  for (const earlier of before.toReversed()) {
    const asked = ASKED.exec(earlier)?.[1]
    const named = new Set(earlier.match(CODE_NAME) ?? earlier.match(NAMED))
    const things = asked === undefined ? [...named] : [`the ${asked}`]
    if (things.length > 1) return clause
    if (things.length === 1) return clause.replace(PRONOUN, things[0]!.replace(/^an? /i, 'the '))
    // `Where is fill defined, and what does it throw?`: a name without a mark of code, in questions about code
    const name = readCodeQuestion(earlier)?.name
    const about = name === undefined ? clause : clause.replace(PRONOUN, name)
    if (about !== clause && readCodeQuestion(about)) return about
  }
  return clause
}

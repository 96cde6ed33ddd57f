import { withoutEnd } from '../../lib/text/without-end.ts'
import { readCodeQuestion } from './code-question.ts'

/** The most parts of a question. Later ones stay together in the last part. */
export const MAX_PARTS = 6
/** A longer prompt holds a text beside its question, so it stays whole. */
const MAX_LENGTH = 1000

/** The marks of a question that may have several parts. Most questions have none. */
const SIGNS = /\?\s+\S|[;,]\s|\s(?:and|und|sowie|or|oder)\s/i
/** Quoted words, code and brackets are never taken apart. */
const CLOSED = /"[^"]*"|“[^“”]*”|„[^„“”]*[“”]|«[^«»]*»|`[^`]*`|\([^()]*\)/g

const AUXILIARY =
  '(?:is|are|was|were|do|does|did|can|could|may|might|must|shall|should|will|would|has|have|had|isn.t|don.t|doesn.t|can.t)'
const DETERMINER = '(?:the|an?|this|that|these|those|my|our|your|his|her|its|their|every|each|all)'
const PERSON = '(?:i|we|you|he|she|it|they|one)'
const AHEAD = '(?:(?:by|to|for|with|from|in|at|on|of|since|until|till|under|after) )?'
/** A clause that asks by itself: its verb comes before its subject, unless the question word is the subject. */
const ENGLISH = new RegExp(
  `^(?:${[
    `${AHEAD}(?:when|where|why|how|whom) ${AUXILIARY} \\S`,
    `${AHEAD}(?:how|what|which|whose) (?!${DETERMINER} |${PERSON} )[\\w-]+ (?:[\\w-]+ ){0,2}?${AUXILIARY} \\S`,
    `${AHEAD}what (?!${DETERMINER} |${PERSON} )[\\w-]+ \\S`,
    `(?:which|whose|how many|how much) (?!${DETERMINER} |${PERSON} )[\\w-]+ [\\w-]+`,
    `who (?!${DETERMINER} |${PERSON} )[\\w-]+`,
  ].join('|')})`,
  'i',
)
const GERMAN_ARTICLE =
  '(?:der|die|das|den|dem|des|ein|eine|einen|einem|einer|mein|meine|unser|unsere|ihr|ihre|sein|seine|ich|wir|du|er|sie|es|man)'
const GERMAN_MEASURE = '(?:lange?|viele?|oft|hoch|groß|teuer|weit|alt|tief|schnell|schwer|breit)'
const GERMAN_AHEAD = '(?:(?:bis|seit|ab|mit|von|für|zu|an|in|auf|bei|nach|um|aus|gegen) )?'
const GERMAN = new RegExp(
  `^(?:${[
    `${GERMAN_AHEAD}(?:wann|wo|woher|wohin|warum|weshalb|wieso|wem|wen|womit|wofür|was|wer) (?!${GERMAN_ARTICLE} )\\S+`,
    `${GERMAN_AHEAD}wie (?:${GERMAN_MEASURE} )?(?!(?:${GERMAN_ARTICLE}|${GERMAN_MEASURE}) )\\S+ \\S`,
    `${GERMAN_AHEAD}(?:welche[rsmn]?|wessen) \\S+ \\S+`,
  ].join('|')})`,
  'iu',
)

const YES_NO = new RegExp(
  `^(?:${AUXILIARY} (?:${DETERMINER}|${PERSON}|there|any|no|[\\w-]+s)(?: \\S+)+|(?:ist|sind|war|waren|darf|dürfen|kann|können|muss|müssen|soll|sollen|hat|haben|gibt|gilt|wird|werden) ${GERMAN_ARTICLE} \\S+)`,
  'iu',
)
/** A question that yes or no answers is cut off only behind a clause of some length: `What may and must tenants do?` */
const MIN_WORDS_BEFORE = 3

/** Words that ask for an indirect question: its clauses keep the order of statements. */
const LEAD =
  /^(?:please |bitte )?(?:(?:can|could|would|will) you (?:please )?(?:tell|explain|show)(?: me| us)?|tell me|tell us|do you know|i (?:want|need|would like|'d like) to know|(?:kannst|können|könnten) (?:du|sie) (?:mir |uns )?(?:bitte )?sagen|sag(?:e|en)?(?: sie)? (?:mir|uns)|weißt du|wissen sie|ich (?:möchte|will) wissen),? /iu
const INDIRECT =
  /^(?:(?:by|to|for|with|from|in|at|on|until|since|bis|seit|ab|mit|von|für|zu) )?(?:who|whom|whose|what|which|when|where|why|how|whether|wer|wen|wem|wessen|was|welche[rsmn]?|wann|wo|warum|wie|ob)(?= \S+ \S)/iu

/** `When and where does it meet?`: two question words that share the rest. */
const SHARED = new RegExp(
  `^((?:when|where|why|how(?: [\\w-]+)?|(?:by|to|for|from|with) whom)|(?:wann|wo|warum|wie(?: [\\p{L}]+)?)) (?:and|und) ((?:when|where|why|how(?: [\\w-]+)?|(?:by|to|for|from|with) whom)|(?:wann|wo|warum|wie(?: [\\p{L}]+)?)) (${AUXILIARY} .+|(?:ist|sind|war|waren|wird|werden|darf|kann|muss|soll|hat|haben|gilt|trifft|beginnt|endet|findet|öffnet|schließt) .+)$`,
  'iu',
)

/**
 * The parts of a question, each a question by itself; a question with one part stays as it is. Cuts at `?`, `;` and
 * between coordinated clauses in English and German, never inside quotes, and never a list of nouns.
 */
export function takeApart(question: string): readonly string[] {
  if (question.length > MAX_LENGTH || !SIGNS.test(question)) return [question]
  const clauses = sentencesOf(question).flatMap(clausesOf)
  const parts = [...new Set(clauses.map((clause, at) => asQuestion(nameSubject(clause, clauses.slice(0, at)))))]
  if (parts.length < 2) return [question]
  if (parts.length <= MAX_PARTS) return parts
  return [...parts.slice(0, MAX_PARTS - 1), parts.slice(MAX_PARTS - 1).join(' ')]
}

/** Sentences up to each `?`. A statement, or a question of only a few words, stays with the sentence beside it. */
function sentencesOf(text: string): readonly string[] {
  const sentences: string[] = []
  for (const sentence of cutAt(text, /(?<=\?)\s+/g)) {
    const bare = withoutAnd(sentence)
    const before = sentences.at(-1)
    if (before !== undefined && (!bare.endsWith('?') || bare.split(/\s+/).length < 3 || !asks(bare)))
      sentences[sentences.length - 1] = `${before} ${sentence}`
    else sentences.push(sentence)
  }
  return sentences
}

function clausesOf(sentence: string): readonly string[] {
  const bare = withoutAnd(sentence)
  const [, first, second, rest] = SHARED.exec(bare) ?? []
  if (rest !== undefined) return [`${first} ${rest}`, `${second} ${rest}`]
  const lead = LEAD.exec(bare)?.[0] ?? ''
  const body = bare.slice(lead.length)
  const isIndirect = lead !== '' && INDIRECT.test(body)
  const pieces = cutAt(body, /;\s+|(?:,|(?<!\s))\s+(?:and|und|sowie|or|oder)\s+(?:also |auch )?|,\s+/gi)
  return startsOf(body, pieces, isIndirect).map((start, place, starts) =>
    body.slice(start, starts[place + 1]).replace(END, ''),
  )
}

const END = /(?<![,;\s])(?:[,;\s]|\s(?:and|und|sowie|or|oder)(?: also| auch)?\s)+$/i

/** Where the clauses begin. The other pieces belong to the clause before them. */
function startsOf(text: string, pieces: readonly string[], isIndirect: boolean): readonly number[] {
  const starts = [0]
  let at = 0
  for (const piece of pieces) {
    at = text.indexOf(piece, at)
    const before = text.slice(starts.at(-1), at).trimEnd()
    if (at > 0 && isClause(text.slice(at), before, isIndirect)) starts.push(at)
    at += piece.length
  }
  return starts
}

/** Whether a clause of its own begins here, and not a relative clause or another noun. */
function isClause(text: string, before: string, isIndirect: boolean): boolean {
  if (isIndirect) return INDIRECT.test(text)
  if (!asks(before)) return false
  if (before.endsWith(','))
    return asksFor(text) && (!/^(?:who|which|whose|was)\b/i.test(text) || WHO_DOES_IT.test(text))
  return asksFor(text) || (YES_NO.test(text) && before.split(/\s+/).length > MIN_WORDS_BEFORE)
}

/** Not a relative clause: its pronoun refers to something else. */
const WHO_DOES_IT = /^who \w+ (?:it|them)\b/i

const asksFor = (clause: string) => ENGLISH.test(clause) || GERMAN.test(clause)
const asks = (clause: string) => asksFor(clause) || YES_NO.test(clause)

/** The pieces between matches outside of quotes, code and brackets. */
function cutAt(text: string, separator: RegExp): readonly string[] {
  const masked = text.replace(CLOSED, (closed) => 'x'.repeat(closed.length))
  const pieces: string[] = []
  let from = 0
  for (const { 0: found, index } of masked.matchAll(separator)) {
    pieces.push(text.slice(from, index))
    from = index + found.length
  }
  return [...pieces, text.slice(from)].map((piece) => piece.trim()).filter(Boolean)
}

/** The clause without a mark of a list, and without the word that joins it to the clause before. */
const withoutAnd = (clause: string) =>
  clause.replace(/^\s*(?:[-*•]|\d{1,2}[.)])\s+/, '').replace(/^(?:and|und|also|or|oder)[,\s]+(?:also |auch )?/i, '')

function asQuestion(clause: string): string {
  const bare = withoutEnd(withoutAnd(clause), /[?.!,;\s]/)
  return `${bare.slice(0, 1).toUpperCase()}${bare.slice(1)}?`
}

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
function nameSubject(clause: string, before: readonly string[]): string {
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

import { termsOf } from '../../text/terms.ts'

/** The kind of value that a question asks for, judged by its words. */
export type QuestionType = {
  /** the question without the words that name the kind of value: an answer uses other words for it */
  readonly rest: string
  /** whether a text contains such a value; undefined: any text may */
  readonly isIn?: (text: string) => boolean
  /** whether a text says who does what the question asks: `The mayor opens it`, `opened by the mayor` */
  readonly isStated?: (text: string) => boolean
  /** whether the form of a value identifies it, such as a flag; it may stand in another sentence than the question's */
  readonly isForm?: true
  /** whether the value is a number: two different ones cannot both be right */
  readonly isNumber?: true
  /** whether it asks if something is true, and not for a value */
  readonly isWhether: boolean
}

/** The words for 1, 2, 3 and so on. */
export const SPELLED = (
  'one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen ' +
  'eighteen nineteen'
).split(' ')
export const COUNTED_WORDS =
  `one(?= \\w)(?! (?:of|is|in|on|at|to|that|which|who|and|by|for|from)\\b)|${SPELLED.slice(1).join('|')}|` +
  'twenty|thirty|forty|fifty|sixty|seventy|eighty|ninety|hundreds?|thousands?|millions?|dozens?|half|quarter|several|couple|none|no'
const NUMBER = `(?:(?<![\\w.-])\\d[\\d.,]*|\\b(?:${COUNTED_WORDS})\\b)`
const form = (...parts: readonly string[]) => new RegExp(parts.join('|'), 'iu')
const measured = (units: string) => `${NUMBER}[\\s-]*(?:[a-z-]+ )?(?:${units})\\b`

const MONEY = form(
  '[$€£¥] ?\\d',
  '\\d ?[$€£¥]',
  measured('euros?|dollars?|pounds?|cents?|pence|francs?|crowns?|usd|eur|gbp|chf|per cent'),
  '\\d ?%',
  '(?<![\\w-])(?:free|no charge|nothing|half|double)\\b',
  // the cell of a column, or a setting
  '\\b(?:price|cost|fee|charge|fine|rent|salary|wage|amount|total)s?: ?\\d',
)
const TIME_UNITS =
  'ms|seconds?|minutes?|min|hours?|h|days?|nights?|weeks?|fortnights?|months?|years?|decades?|centur(?:y|ies)|seasons?|terms?'
const LENGTH_UNITS =
  'pixels?|mm|cm|m|km|(?:milli|centi|kilo)?met(?:re|er)s?|miles?|feet|foot|inch(?:es)?|yards?|storeys?|floors?'
const WEIGHT = measured('m?g|kg|(?:milli|kilo)?grams?|kilos?|tons?|tonnes?|pounds?|lbs?|ounces?|oz|stones?')
const DURATION = form(
  measured(`${TIME_UNITS}|${LENGTH_UNITS}|words?|pages?|lines?|characters?|letters?`),
  '\\b(?:until|till|forever|for ever|for life|always|as long as|permanently|overnight|indefinitely)\\b',
)
const FREQUENCY = form(
  '\\b(?:once|twice|times|every|each|daily|weekly|monthly|yearly|annual(?:ly)?|hourly|never|always|seldom|rarely|regularly)\\b',
  '\\b(?:a|per) (?:minute|hour|day|night|week|month|year|season|term)\\b',
  measured(TIME_UNITS),
)
const LENGTH = form(measured(`${LENGTH_UNITS}|${TIME_UNITS}`))
const DEGREES = form('°', measured('degrees?|kelvin|celsius|fahrenheit'), '\\b(?:freezing|boiling|room temperature)\\b')
const DATE =
  '\\b(?:jan(?:uary)?|feb(?:ruary)?|march|april|may|june|july|aug(?:ust)?|sept?(?:ember)?|oct(?:ober)?|nov(?:ember)?|dec(?:ember)?|(?:mon|tues|wednes|thurs|fri|satur|sun)days?)\\b'
/** Digits that are a time, and no version, count or size: `2004`, `12:30`, `3 May`, `1 April`, `05/2013`. */
const DIGITS =
  '(?<![\\w.,-])(?:(?:1[0-9]|20)\\d\\d(?![\\w,]|\\.\\d)(?! \\p{Ll}+s\\b)|\\d{1,2}[:.]\\d{2}(?!\\d|[.:]\\d)|\\d{1,4}[/-]\\d{1,2}[/-]\\d{1,4}|\\d{1,2} ?[ap]\\.?m\\b|\\d{1,2}(?:st|nd|rd|th)\\b)'
/** A day, a year, or a time before now. */
export const DAY_OR_YEAR = form(DIGITS, DATE, '\\b(?:ago|yesterday|century|today)\\b')
const PAST = form(DIGITS, DATE, '\\b(?:ago|yesterday|century|war|before|after|since|during|when|until)\\b')
const TIME = form(
  DIGITS,
  DATE,
  '\\b(?:mornings?|evenings?|afternoons?|noon|midnight|nights?|dawn|dusk|sunrise|sunset|spring|summer|autumn|winter|weekends?|weekdays?)\\b',
  '\\b(?:before|after|once|when|while|until|till|as soon as|during|daily|every|immediately|at once|always|within|if|then|first|last|next)\\b',
  `\\b(?:${TIME_UNITS})\\b`,
  `\\bat (?:${COUNTED_WORDS})\\b`,
  measured(TIME_UNITS),
)
const COUNT = form(`${NUMBER}(?![\\d.,]* ?°)`)
/** Amounts that are neither a count nor a time, and times of day, which are no count. */
const UNITS =
  '(?:[€%]|(?<!\\p{L})(?:per ?cent|euros?|dollars?|pounds?|cents?|pence|francs?|crowns?|usd|eur|gbp|chf)(?!\\p{L}))'
const AMOUNT = new RegExp(`[$€£¥] ?\\d[\\d.,]*|${NUMBER}[\\s-]*${UNITS}`, 'giu')
const ASKS_AMOUNT = new RegExp(UNITS, 'iu')
const CLOCK = /(?<![\d:])\d{1,2}:\d{2}(?![\d:])/g
const MEASURED = new RegExp(`${NUMBER}[\\s-]*(${TIME_UNITS}|[ap]m|o’clock|o'clock)\\b`, 'gi')
const PEOPLE =
  /\b(?:persons?|people|members?|someone|somebody|everyone|everybody|anyone|anybody|nobody|no one|whoever|owners?|team|company|committee|council|department|office|staff|police|family|parents?|children|men|women|users?|customers?|guests?|visitors?|tenants?|landlords?|authors?|authorit(?:y|ies)|government|state|city|\w{3,}(?:keeper|holder|master|smith|wright|man|woman|ist|eer|ian))\b/i

/** A flag of a command, a variable of the environment, and what is so unless somebody says otherwise. */
const FLAG = /(?<![\w-])--?[a-z\d][\w-]*/i
const VARIABLE = /\b[A-Z][A-Z\d]*(?:_[A-Z\d]+)+\b|\b[A-Z][A-Z\d]{2,}\b/
const DEFAULT = form(
  '\\bby default\\b',
  '\\bdefault(?:s|ed)? (?:\\S+ ){0,4}?(?:is|are|to)\\b',
  '\\bdefault(?: value)?s?["\'`”’*]{0,3}\\s?(?:[:=—]|[)\\].,;]|$)',
  '\\b(?:if|unless|when) (?:not|otherwise) (?:set|specified|given|provided)\\b|\\b(?:if|when) omitted\\b',
)
const FORMS: readonly RegExp[] = [FLAG, VARIABLE, DEFAULT]

/** The first pattern that fits gives the kind of value. Further words are removed only if they just name it, too. */
const QUESTION_KINDS: readonly (readonly [asking: RegExp, form: RegExp])[] = [
  [/\b(?:what|which) (?:(?:command|line|short|long) )*(?:flags?|switch(?:es)?)\b/i, FLAG],
  [/\b(?:what|which) (?:environment )?variables?\b/i, VARIABLE],
  [/\b(?:by default|(?:the )?default(?: (?:value|setting))?(?: of| for)?|defaults? to)\b/i, DEFAULT],
  [
    /\bhow (?:much|expensive)\b(?=.*\b(?:costs?|prices?|pay|paid|charged?|fees?|fines?|rent|salary|earn|tax|refund(?:ed)?|deposit)\b)/i,
    MONEY,
  ],
  [/\bwhat (?:does|do|did|would|will|is|are|was|were)\b(?=.*\b(?:costs?|prices?|fees?|charged?|fines?)\b)/i, MONEY],
  [/\bhow (?:often|many times|frequently|regularly)\b/i, FREQUENCY],
  [/\b(?:for )?how (?:long)\b|\bwhat is the (?:duration|length)\b/i, DURATION],
  [/\bhow (?:far|deep|tall|high|wide|thick|broad|near|close)\b/i, LENGTH],
  [/\bhow (?:heavy|much weight)\b|\bhow much (?=.*\bweighs?\b)/i, form(WEIGHT)],
  [/\bhow (?:hot|cold|warm|cool)\b|\b(?:at )?(?:what|which) temperatures?\b/i, DEGREES],
  [/\bhow (?:many|large|big|small|fast|loud|old|strong|bright|steep|young|quickly)\b/i, COUNT],
  [/\bhow much\b/i, COUNT],
  [/^(?:since |until |by |till )?when (?:was|were|did|has|had)\b/i, PAST],
  [
    /^(?:since |until |by |till )?when\b|\b(?:at |on |in )?(?:what|which) (?:times?|dates?|days?|years?|months?|hours?)\b/i,
    TIME,
  ],
]
const WHO = /^(?:by |to |for |with |from )?who(?:m|se)?\b/i
const MONEY_WORDS = /\b(?:costs?|prices?|fees?|charged?|expensive)\b/gi
const ABOUT_WORDS = /\bwhat (?=.*\b(?:mean|means|called|do)\b[?.\s]*$)|\b(?:mean|means|called)\b(?=[?.\s]*$)/gi
export const YES_NO_QUESTION =
  /^(?:is|are|was|were|am|do|does|did|has|have|had|can|could|may|might|must|shall|should|will|would)\b/i

/** Characters of a question that may say what it asks for. */
const MAX_QUESTION = 4_000

/** The kind of a question, and its remaining words. */
export function questionTypeOf(whole: string): QuestionType {
  const question = whole.slice(0, MAX_QUESTION)
  const isWhether = YES_NO_QUESTION.test(question)
  const kinds = QUESTION_KINDS.filter(
    ([asking, pattern]) => asking.test(question) && (!isWhether || pattern === DEFAULT),
  )
  const [kind, second] = kinds
  if (kind) {
    const [asking, pattern] = kind
    const isForm = FORMS.includes(pattern)
    const asked = question.replace(asking, ' ')
    const rest = pattern === MONEY ? withoutMoneyWords(asked) : asked
    // `How many may wait by default?` asks for both
    const both = isForm && second ? [pattern, second[1]] : [pattern]
    const isIn = (text: string) => both.every((one) => one.test(valuesFor(one, text, question)))
    return { rest, isIn, isWhether, ...(isForm ? { isForm } : { isNumber: true }) }
  }
  if (WHO.test(question)) {
    const isIn = (text: string) => namesSomebody(text, question)
    return { rest: question, isIn, isStated: (text) => actorOf(text, question) !== undefined, isWhether }
  }
  return { rest: question.replace(ABOUT_WORDS, ' '), isWhether }
}

/** The subject of `What is the fee?` is a word for money, so the word stays. */
function withoutMoneyWords(asked: string): string {
  const rest = asked.replace(MONEY_WORDS, ' ')
  return termsOf(rest).length > 0 ? rest : asked
}

/** A text without values of another kind: `three weeks` or `4 %` does not answer a question about another unit. */
function valuesFor(pattern: RegExp, text: string, question: string): string {
  const asked = question.toLowerCase()
  const [isCount, isTime] = [pattern === COUNT, pattern === TIME || pattern === PAST]
  // `how much may he spend` asks for an amount
  const isNoAmount = (isTime || (isCount && asked.includes('how many'))) && !ASKS_AMOUNT.test(question)
  const others = isNoAmount ? text.replace(AMOUNT, ' ') : text
  if (!isCount) return others
  const counts = others.replace(MEASURED, (found, unit: string) => (asked.includes(unit.toLowerCase()) ? found : ' '))
  return isNoAmount ? counts.replace(CLOCK, ' ') : counts
}

const GENERIC =
  /\b(?:persons?|people|someone|somebody|everyone|everybody|anyone|anybody|nobody|no one|whoever|(?:other|some|many) \p{L}+s)\b/giu

/** Whether a text names a person or a role, and not only people in general. */
export const namesOne = (text: string, question: string): boolean => namesSomebody(text.replace(GENERIC, ' '), question)

/** A name has a capital inside a sentence, and is not part of the question. */
function namesSomebody(text: string, question: string): boolean {
  const asked = new Set(termsOf(question))
  const isNew = (word: string) => !new RegExp(DATE, 'i').test(word) && termsOf(word).some((term) => !asked.has(term))
  const named = [...text.matchAll(/(?<=[\p{L}\p{N},:;)"”’'—–-] )\p{Lu}[\p{L}’'-]*/gu)].some(([word]) => isNew(word))
  const [role] = PEOPLE.exec(text) ?? []
  const acts = actorOf(text, question)
  return (
    named ||
    (role !== undefined && isNew(role)) ||
    (acts !== undefined && isNew(acts)) ||
    /\b(?:I|we|you|he|she|they)\b/i.test(text)
  )
}

const ASKED_VERB =
  /^who (?:(?:can|could|may|might|must|shall|should|will|would|has to|have to) )?(?!(?:is|are|was|were|has|have|had|do|does|did)\b)(\p{Ll}+)/iu
const NOUN =
  /(?:^|\s)(?:the|an?|each|every|our|my|your|his|her|its|their) (?:\p{L}[\p{L}'’-]{0,30}\s){0,2}?(\p{L}[\p{L}'’-]{0,30})\s(?:\p{Ll}{2,6}\s)?$/iu

const ACTOR_BEHIND = /^\s+(?:jointly |originally )?by\s+(?:(?:the|an?|our|my|your) )?([\p{L}\p{N}’'-]+)/u

/** The noun before the verb of a question, or behind `by`: `mayor` in `The mayor opens it`, for `Who opens it?`. */
function actorOf(text: string, question: string): string | undefined {
  const [asked = ''] = termsOf(ASKED_VERB.exec(question)?.[1] ?? '')
  if (asked === '') return undefined
  for (const { 0: word, index } of text.matchAll(/\p{Ll}+/gu)) {
    if (termsOf(word)[0] !== asked) continue
    const behind = text.slice(index + word.length, index + word.length + MAX_ACTOR)
    const [, actor] = ACTOR_BEHIND.exec(behind) ?? NOUN.exec(text.slice(Math.max(0, index - MAX_ACTOR), index)) ?? []
    if (actor !== undefined) return actor
  }
  return undefined
}
/** How many characters an actor may have, with the words before the verb. */
const MAX_ACTOR = 60

import { weighAnswer } from '../../../src/model/offline/answer/answer.ts'
import { particularWords } from '../../../src/model/offline/answer/particular-words.ts'
import { namesOne } from '../../../src/model/offline/answer/question-type.ts'
import { wholeText } from '../../../src/model/offline/answer/rank-answers.ts'
import { lackedWords } from '../../../src/model/offline/answer/subject.ts'
import type { IndexedDocuments } from '../../../src/model/offline/reading/reading.ts'
import { createIdf } from '../../../src/model/rank/bm25.ts'
import { oppositesOf } from '../../../src/model/text/opposites.ts'
import { queryTerms, termsOf } from '../../../src/model/text/terms.ts'

/** The words that a question begins with, as a feature each. */
const ASKING: readonly RegExp[] = [
  /^(?:\w+ )?who(?:m|se)?\b/i,
  /^(?:\w+ )?when\b|\b(?:what|which) (?:year|day|date|month|century|decade)\b/i,
  /^(?:\w+ )?where\b/i,
  /\bhow (?:many|much|long|large|big|far|old|often|high|tall)\b/i,
  /^why\b|^what (?:causes?|caused)\b/i,
  /^how\b/i,
  /^(?:\w+ )?which\b/i,
  /^(?:\w+ )?what\b/i,
]
const NEGATION = /\b(?:not|no|never|without|cannot)\b|n['’]t\b/i
/** How far two words of a question may stand from each other in a passage to count as neighbours. */
const NEAR = 3

/** What a judge sees of an answer, as numbers of about 0 to 1. Undefined: nothing was found. */
export async function featuresOf(question: string, reading: IndexedDocuments) {
  const weighed = await weighAnswer({}, question, reading)
  if (!weighed) return undefined
  const { ranked, best, type, defined, missing, evidence, pair, isWeak, isDoubted, wanted } = weighed
  const [first, second] = ranked as [(typeof ranked)[number], (typeof ranked)[number]?]
  const terms = queryTerms(question)
  const whole = wholeText(first)
  const words = termsOf(whole)
  const held = new Set(words)
  const idf = createIdf(reading.passages.map(({ text }) => termsOf(text)))
  const weigh = (some: readonly string[]) => some.reduce((sum, term) => sum + idf(term), 0)
  const absent = terms.filter((term) => !held.has(term))
  const anywhere = new Set(reading.passages.flatMap(({ text }) => termsOf(text)))
  const nowhere = absent.filter((term) => !anywhere.has(term))
  const asked = new Set(terms)
  const pairs = terms.slice(1).map((term, at) => [terms[at]!, term] as const)
  const near = pairs.filter(([one, other]) => {
    const places = (term: string) => words.flatMap((word, at) => (word === term ? [at] : []))
    return places(one).some((at) => places(other).some((to) => Math.abs(to - at) <= NEAR))
  })
  const fresh = words.filter((word) => !asked.has(word))
  const features: { readonly [name: string]: number } = {
    evidence: Math.min(1.5, evidence),
    spoken: first.spoken,
    score: first.score,
    missing: Math.min(2, missing.length),
    isWeak: Number(isWeak),
    isDoubted: Number(isDoubted),
    isDisputed: Number(pair?.isOrdered === false),
    isUpdated: Number(pair?.isOrdered === true),
    margin: second ? 1 - second.relevance / first.relevance : 1,
    marginSpoken: first.spoken - (second?.spoken ?? 0),
    isTop: Number(ranked.every((one) => one.relevance <= first.relevance)),
    terms: Math.log(1 + terms.length),
    share: 1 - absent.length / Math.max(1, terms.length),
    weight: 1 - weigh(absent) / (weigh(terms) || 1),
    absent: Math.min(5, absent.length),
    rarestAbsent: Math.max(0, ...absent.map(idf)) / (Math.max(0, ...terms.map(idf)) || 1),
    nowhere: Math.min(3, nowhere.length),
    firstAbsent: Number(terms.length > 0 && !held.has(terms[0]!)),
    lastAbsent: Number(terms.length > 0 && !held.has(terms.at(-1)!)),
    near: near.length / Math.max(1, pairs.length),
    length: Math.log(1 + words.length) / 4,
    fresh: Math.log(1 + fresh.length) / 4,
    hasKind: Number(type.isIn !== undefined),
    lacksKind: Number(type.isIn?.(whole) === false),
    isNumber: Number(type.isNumber === true),
    namesNone: Number(/^(?:\w+ )?who/i.test(question) && !namesOne(whole, question)),
    names: Math.min(4, particularWords(question).length),
    lacksNames: Math.min(3, lackedWords(particularWords(question), held).length),
    lacksSubject: Math.min(3, lackedWords(wanted.subject, held).length),
    isTurned: Number(NEGATION.test(question) !== NEGATION.test(whole)),
    isOpposed: Number(absent.some((term) => oppositesOf(term).some((other) => held.has(other)))),
    isDefinition: Number(defined !== undefined),
    isWhether: Number(type.isWhether),
    isContrary: Number(best.isContrary),
    isRow: Number(first.kind === 'row'),
    isCode: Number(first.kind === 'code'),
    ...Object.fromEntries(
      ASKING.map((words, at) => [
        `asks${at}`,
        Number(ASKING.findIndex((one) => one.test(question)) === at && words.test(question)),
      ]),
    ),
  }
  return { features, isDisputed: pair?.isOrdered === false }
}

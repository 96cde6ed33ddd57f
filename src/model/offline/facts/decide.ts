import type { IndexedDocuments } from '../reading/reading.ts'
import { compareNumbers } from './compare.ts'
import { isMentioned } from './mention.ts'
import { referencedDocuments, type TextQuestion, toSentence } from './question.ts'

const YES = /^(?:is |are |was )?["'`]?(true|yes|false|no)["'`]?(?: (?:true|the case))?[?.!]?$/i
const EMPTY = /^(?:is|are|was|were)\b(.*?)\b(not )?(?:empty|blank)[?.!]?$/i
const SAME = /^(?:is|are|was|were) (.{1,80}?) (not )?(?:equal to|the same as|==) ["'`]?(.{1,80}?)["'`]?[?.!]?$/i

/**
 * Whether a statement is true, if that is certain: by numbers, by
 * literal text, or by presence. Undefined: it is not certain.
 */
export function decideByFacts(posed: TextQuestion, reading: IndexedDocuments): boolean | undefined {
  const answer =
    saysItself(posed) ?? isEmpty(posed) ?? isMentioned(posed) ?? compareNumbers(posed, reading) ?? isSame(posed)
  return answer ?? decideParts(posed, reading)
}

function saysItself(posed: TextQuestion): boolean | undefined {
  const said = YES.exec(toSentence(posed))?.[1]?.toLowerCase()
  return said === undefined ? undefined : said === 'true' || said === 'yes'
}

/** Empty texts are not passed on at all. */
function isEmpty({ question, documents }: TextQuestion): boolean | undefined {
  const asked = EMPTY.exec(question.replace(/\s+/g, ' ').trim())
  if (!asked) return undefined
  const named = referencedDocuments(asked[1]!, documents)
  const texts = named.length > 0 ? named : documents
  const isNothing = texts.every(({ text }) => /^(?:\[\s*\]|\{\s*\}|""|null)?$/.test(text.trim()))
  return isNothing !== (asked[2] !== undefined)
}

function isSame(posed: TextQuestion): boolean | undefined {
  const [, one, not, other] = SAME.exec(toSentence(posed)) ?? []
  if (one === undefined || other === undefined || /\[document/.test(one + other)) return undefined
  const plain = (text: string) => text.replace(/["'`]/g, '').trim().toLowerCase()
  return (plain(one) === plain(other)) !== (not !== undefined)
}

/** Two questions in one: both have certain answers, or one answer settles both. */
function decideParts({ question, documents }: TextQuestion, reading: IndexedDocuments): boolean | undefined {
  const [, first, word, second] =
    /^(.{3,}?)[,;]?(?<!\s)\s+(and|or)\s+((?:is|are|was|were|does|do|did|has|have)\b.{3,})$/is.exec(question) ?? []
  if (first === undefined || second === undefined) return undefined
  const parts = [first, second].map((part) => decideByFacts({ question: part, documents }, reading))
  const settling = word!.toLowerCase() === 'or'
  if (parts.includes(settling)) return settling
  return parts.includes(undefined) ? undefined : !settling
}

import { termsOf } from '../../text/terms.ts'
import { VALUE_FORMS } from '../reading/candidates.ts'
import type { IndexedDocuments } from '../reading/reading.ts'

/** A number of a text, and the words of its clause before and after it, up to the next number. */
type NumberInContext = { readonly value: number; readonly before: string; readonly after: string }

const CLAUSE = /[;!?\n]|[.,:](?=\s)|\b(?:and|but|while)\b/g
const ALONE = /^[$€£]?\s*[-+]?[\d,]+(?:\.\d+)?\s*\S{0,12}$/
/** The weight of words right after a number, which say what it counts. */
const UNIT_WORD_WEIGHT = 1.5

/**
 * The number whose clause contains these words. A number that is the whole text needs none of them. Undefined: no
 * number matches, or two match equally well.
 */
export function findNumber(words: string, reading: IndexedDocuments): number | undefined {
  const texts = reading.excerpts.map(({ text }) => text)
  const all = texts.flatMap(numbersOf)
  const asked = new Set(termsOf(words.replace(/\b(?:how )?many\b|\bmuch\b/gi, ' ')))
  if (all.length === 1 && texts.filter((text) => text.trim() !== '').every((text) => ALONE.test(text.trim())))
    return all[0]!.value
  const scored = all.map((one) => ({ value: one.value, score: scoreOf(one, asked) })).sort((a, b) => b.score - a.score)
  const [best] = scored
  if (!best || best.score === 0) return undefined
  const rival = scored.find(({ value, score }) => value !== best.value && score === best.score)
  return rival ? undefined : best.value
}

function numbersOf(text: string): readonly NumberInContext[] {
  const found = [...text.matchAll(VALUE_FORMS.number)]
  return found.map(({ 0: digits, index }, at) => {
    const from = found[at - 1] ? found[at - 1]!.index + found[at - 1]![0].length : 0
    const to = found[at + 1]?.index ?? text.length
    const value = Number(digits.replaceAll(',', ''))
    return {
      value,
      before: lastClause(text.slice(from, index)),
      after: firstClause(text.slice(index + digits.length, to)),
    }
  })
}

/** A colon introduces its number: the words before the colon belong to the number. */
function lastClause(text: string): string {
  const led = text.replace(/[:=]\s*$/, ' ')
  const end = [...led.matchAll(CLAUSE)].at(-1)
  return end ? led.slice(end.index + end[0].length) : led
}

const firstClause = (text: string): string => text.split(CLAUSE)[0] ?? ''

function scoreOf({ before, after }: NumberInContext, asked: ReadonlySet<string>): number {
  const [next, ...others] = termsOf(after)
  const near = next !== undefined && asked.has(next) ? UNIT_WORD_WEIGHT : 0
  const around = new Set([...termsOf(before), ...others])
  return near + [...around].filter((term) => asked.has(term)).length
}

import { termsOf } from '../../text/terms.ts'
import { type IndexedDocuments, LEANING_WORDS, type SourcePassage } from '../reading/reading.ts'
import type { QuestionType } from './question-type.ts'

/** How far from a passage the rest of its statement may stand, in passages. */
const MAX_DISTANCE = 3
/** A sentence that only gives a value, such as `Defaults to 40.`: the one before names what has it. */
const ONLY_VALUE = /^\W*(?:by )?(?:(?:the|its) )?(?:defaults?|maximum|minimum|value|limit)\b/i
/** A line that begins with a flag is about that flag. */
const FLAG_LINE = /^\W{0,2}--?\w/
const MAX_FLAG_LINE = 60

/**
 * The neighbour that completes a passage, if the question asks for a value that the passage lacks: it stands in the
 * same block or below the same heading, and has the value, but no subject of its own.
 */
export function completing(
  passage: SourcePassage,
  { isIn, isForm }: QuestionType,
  { passages }: IndexedDocuments,
  question: string,
): readonly SourcePassage[] {
  if (!isIn || isIn(passage.text) || passage.kind === 'row') return []
  const place = passages.findIndex(({ id }) => id === passage.id)
  const named = new Set(termsOf(question))
  const isUnderName = termsOf(passage.heading).some((term) => named.has(term))
  const isNear = (one: SourcePassage) =>
    one.document === passage.document &&
    (one.block === passage.block ||
      (isUnderName && one.heading === passage.heading && one.kind === 'paragraph' && passage.kind === 'paragraph'))
  const after = passages.slice(place + 1, place + 1 + MAX_DISTANCE)
  const end = after.findIndex((one) => !isNear(one))
  const near = end === -1 ? after : after.slice(0, end)
  const next = near.find((one) => isIn(one.text) && !FLAG_LINE.test(one.text) && (isForm || leansOnOther(one.text)))
  if (next) return [next]
  const before = passages[place - 1]
  const isFlagOf = before && before.document === passage.document && FLAG_LINE.test(before.text)
  return isForm && isFlagOf && before.text.length <= MAX_FLAG_LINE && isIn(before.text) ? [before] : []
}

/** Whether a sentence takes its subject from the one before. */
export const leansOnOther = (text: string): boolean => ONLY_VALUE.test(text) || LEANING_WORDS.test(text)

import { type CompletedGoal, informs, NoPlaybook } from './completed-goal.ts'
import { isCommonWord } from './phrases.ts'
import { wordsOf } from './results.ts'
import type { Segment } from './written.ts'

/** Words that make a statement about what was found. Another goal may find something else. */
const JUDGING = /[?]|\b(?:all|any|but|each|every|few|less|many|more|most|no|none|not|nothing|only|without)\b|n['’]t\b/i

/**
 * The answer of a goal as segments, when another goal of the same form can give it: it is a value of a result, or it
 * consists of values and words that report work. Undefined: the playbook answers with the results of its last calls.
 * NoPlaybook when the model wrote the answer from what it read. Pure.
 */
export function answerOf(
  segments: readonly Segment[],
  { goal, calls }: Pick<CompletedGoal, 'goal' | 'calls'>,
): readonly Segment[] | undefined {
  const literal = segments.filter((segment) => typeof segment === 'string').join(' ')
  const words = wordsOf(literal)
  const hasResults = segments.some((segment) => typeof segment !== 'string' && segment.type === 'result')
  const effects = calls.filter(({ isPure }) => !isPure)
  if (effects.length === 0) {
    if (hasResults && words.length === 0) return segments
    throw new NoPlaybook('its answer is the work of the model')
  }
  const last = Math.max(...calls.map(({ round }) => round))
  const hasLooked = calls.some((call) => informs(call) && (call.isPure || call.round < last))
  const ofGoal = new Set(hasLooked ? [] : wordsOf(goal))
  // a result that is more than a confirmation may report that the work was not done
  const isConfirmed = effects.every((call) => !informs(call))
  const isReport = isConfirmed && words.every((word) => isCommonWord(word) || ofGoal.has(word))
  if (segments.length > 0 && isReport && !JUDGING.test(literal)) return segments
  if (hasLooked) throw new NoPlaybook('its answer is the work of the model')
  return undefined
}

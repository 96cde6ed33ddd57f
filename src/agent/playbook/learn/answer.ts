import { isCommonWord } from './common-words.ts'
import { type CompletedGoal, NoPlaybook } from './completed-goal.ts'
import { wordsOf } from './results.ts'
import type { Segment } from './written.ts'

/** Words that make a statement about what was found. Another goal may find something else. */
const JUDGING = /[?]|\b(?:all|any|but|each|every|few|less|many|more|most|no|none|not|nothing|only|without)\b|n['’]t\b/i

/**
 * The answer of a goal as segments, when another goal of the same form can give it: it consists of values, words of the goal and of the calls, and
 * words that report work. Undefined: the playbook answers with the results of its last calls. A goal without effects whose answer the model itself
 * worked out gives no playbook. Pure.
 */
export function answerOf(
  segments: readonly Segment[],
  { goal, calls }: Pick<CompletedGoal, 'goal' | 'calls'>,
  own: ReadonlySet<string>,
): readonly Segment[] | undefined {
  const literal = segments.filter((segment) => typeof segment === 'string').join(' ')
  const words = wordsOf(literal)
  const hasResults = segments.some((segment) => typeof segment !== 'string' && segment.type === 'result')
  if (calls.every(({ isPure }) => isPure)) {
    if (hasResults && words.every(isCommonWord)) return segments
    throw new NoPlaybook('its answer is the work of the model')
  }
  const fromGoal = new Set(wordsOf(goal))
  const isReport = words.every((word) => isCommonWord(word) || fromGoal.has(word) || own.has(word))
  return segments.length > 0 && isReport && !JUDGING.test(literal) ? segments : undefined
}

import { errorOf } from '../../../errors.ts'
import type { ModelReasons } from '../../../step/call/context.ts'
import type { TemplateScope } from '../../../template/template.ts'
import { type AutoAnswer, isAutoAnswerName } from '../../plan/auto-tag.ts'

/** The answers to a step's AUTO tags so far, in the order they were asked. */
export type AutoAnswers = readonly AutoAnswer[]

/** The scope of a step with its answers. Reading one that no model could give throws the reason. */
export function withAnswers(scope: TemplateScope, answers: AutoAnswers): TemplateScope {
  if (answers.length === 0) return scope
  const known = new Map(answers.map((answer) => [answer.name, answer]))
  return {
    get(name) {
      const answer = known.get(name) ?? (isAutoAnswerName(name) ? known.get(ANY_OTHER_ANSWER) : undefined)
      if (answer?.problem) throw errorOf(answer.problem)
      return answer ? answer.value : scope.get(name)
    },
  }
}

/** The name for all missing answers. */
export const ANY_OTHER_ANSWER = '__auto_others'

/** The reasons for the models that tags chose. */
export function modelReasons(answers: AutoAnswers): ModelReasons {
  if (answers.length === 0) return NO_REASONS
  return Object.fromEntries(
    answers.flatMap(({ value, why, lacks }) =>
      why === undefined ? [] : [[String(value), { why, ...(lacks && { lacks }) }]],
    ),
  )
}

const NO_REASONS = {}

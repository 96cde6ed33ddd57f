import { errorOf } from '../../../errors.ts'
import type { Scope } from '../../../template/template.ts'
import { type AutoAnswer, isAutoAnswerName } from '../../plan/auto-tag.ts'

/** What a step was told so far, in the order it asked. */
export type Answers = readonly AutoAnswer[]

/** The scope of a step with the answers it got. Reading an answer that no model could give throws the reason. */
export function withAnswers(scope: Scope, answers: Answers): Scope {
  if (answers.length === 0) return scope
  const known = new Map(answers.map((answer) => [answer.name, answer]))
  return {
    get(name) {
      const answer = known.get(name) ?? (isAutoAnswerName(name) ? known.get(ALL_OTHERS) : undefined)
      if (answer?.problem) throw errorOf(answer.problem)
      return answer ? answer.value : scope.get(name)
    },
  }
}

/** What stands for all answers that are not there. */
export const ALL_OTHERS = '__auto_others'

/** Why each model that a tag chose was chosen. */
export function reasonsOf(answers: Answers): { readonly [model: string]: string } {
  if (answers.length === 0) return NO_REASONS
  return Object.fromEntries(answers.flatMap(({ value, why }) => (why === undefined ? [] : [[String(value), why]])))
}

const NO_REASONS = {}

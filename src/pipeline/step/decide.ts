import type { Work } from '../plan/compiled.ts'
import type { Deed, Job } from './context.ts'
import { holds } from './templates/render.ts'

/** Whether a condition holds, as a result others can read. */
export function decideCondition({ condition }: Extract<Work, { type: 'decide' }>, { pipeline, scope }: Job): Deed {
  const result = holds(condition, pipeline, scope)
  return { type: 'result', result, fields: { action: 'evaluate_condition' } }
}

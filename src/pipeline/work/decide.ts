import type { Work } from '../compiled.ts'
import type { Deed, Job } from './job.ts'
import { holds } from './render.ts'

/** Whether a condition holds, as a result others can read. */
export function decideCondition({ condition }: Extract<Work, { type: 'decide' }>, { pipeline, scope }: Job): Deed {
  const result = holds(condition, pipeline, scope)
  return { type: 'result', result, fields: { action: 'evaluate_condition' } }
}

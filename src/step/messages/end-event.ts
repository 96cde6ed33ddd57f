import type { StepOutcome } from '../record/outcome.ts'
import type { StepEnd } from './step-end.ts'

export function endEvent({ type, step, standby: _, tries, ...outcome }: StepEnd) {
  const { status, attempts, ms } = outcome
  const event = { type, step, status, attempts, ms }
  const timed = tries ? { ...event, tries } : event
  return isOrdinary(outcome) ? timed : { ...timed, ...detailsOf(outcome) }
}

/** Whether the event of an end has no further details, as nearly all have none. */
function isOrdinary(end: StepOutcome): boolean {
  return (
    end.status === 'completed' &&
    !(end.problem || end.models || end.goto || end.recovery || end.degraded || end.warnings || end.reuse || end.said)
  )
}

function detailsOf(end: StepOutcome) {
  const { models, goto, recovery, degraded, warnings, lacks, reuse, attempts, said } = end
  const problem = end.status === 'skipped' ? undefined : end.problem
  return {
    ...(problem && { problem }),
    ...(models && { models }),
    ...(goto !== undefined && { goto }),
    ...recovery,
    ...(degraded && { degraded }),
    ...(warnings && { warnings }),
    ...(lacks && { lacks }),
    ...(reuse?.same && attempts === 0 && { reused: true as const }),
    ...(said && { said }),
  }
}

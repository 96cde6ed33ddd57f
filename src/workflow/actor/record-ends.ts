import type { Json } from '../../kernel/schema.ts'
import { encodeEvent, encodeStep } from '../../pipeline/plan/codec.ts'
import { stepPartName } from '../../pipeline/plan/instance.ts'
import type { EndedStep } from '../../pipeline/plan/step-outcome.ts'
import type { Ends, TurnDraft } from './draft.ts'

/** Records how steps ended, and tells it. */
export function recordEnds({ parts, events }: TurnDraft, ends: Ends): void {
  for (const [id, end] of ends) {
    parts[stepPartName(id)] = encodeStep(end)
    events.push(encodeEvent(endEvent(id, end)))
  }
}

/** The event of the end of a step. */
function endEvent(step: string, end: EndedStep): Json {
  const { status, attempts, ms, models, degraded, said } = end
  const problem = end.status === 'skipped' ? undefined : end.problem
  const more = { problem, models, degraded, said }
  const given = Object.entries(more).filter(([, value]) => value !== undefined)
  return { type: 'step-end', step, status, attempts, ms, ...Object.fromEntries(given) } as unknown as Json
}

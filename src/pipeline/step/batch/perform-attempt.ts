import type { Json } from '../../../kernel/schema.ts'
import type { Effects } from '../../../kernel/types.ts'
import type { CallTime } from '../../../step/call/call-time.ts'
import type { QueuedCall } from '../../../step/call/context.ts'
import { sparedWork } from '../../../step/messages/step-start.ts'
import type { ModelUse } from '../../../step/record/model-use.ts'
import { execute } from '../execute.ts'
import type { AttemptOutcome } from '../outcome.ts'
import { executeOrReuse } from '../reuse.ts'
import type { BatchStep } from './attempt-step.ts'

/** The failed calls of models, and the time that the goal gives. All attempts of one turn share them. */
export type SharedByAttempts = { readonly spent: ModelUse[]; readonly time?: CallTime | undefined }

/** Makes one attempt at a step, or reuses its recorded outcome. */
export function performAttempt(
  { services, open, start, done, paused, whose }: Omit<BatchStep, 'latency' | 'whose'> & Partial<BatchStep>,
  call: QueuedCall,
  effects: Pick<Effects, 'self' | 'emit'>,
  shared: SharedByAttempts,
): Promise<AttemptOutcome> {
  const before = paused?.attempts ?? 0
  const { self } = effects
  const { id } = start.run
  // followers of a run hear its steps, too, that its cancellation spares
  const emit = whose?.work === sparedWork(id) ? (delta: Json) => effects.emit(delta, id) : effects.emit
  const each = { services, open, start, call, self, emit, ...shared }
  const attempt = done === 0 ? { ...each, before } : each
  return start.run.recorded ? executeOrReuse(attempt, start.run.recorded) : execute(attempt)
}

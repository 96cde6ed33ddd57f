import type { Json } from '../../kernel/json.ts'
import type { Effects } from '../../kernel/types.ts'
import type { AttemptOutcome } from '../attempt/outcome.ts'
import type { CallTime } from '../call/call-time.ts'
import type { QueuedCall } from '../call/context.ts'
import { sparedWork } from '../messages/step-start.ts'
import type { ModelUse } from '../record/model-use.ts'
import type { BatchStep } from './attempt-step.ts'

/** The failed calls of models, and the time that the goal gives. All attempts of one turn share them. */
export type SharedByAttempts = { readonly spent: ModelUse[]; readonly time?: CallTime | undefined }

export function performAttempt(
  { services, work, start, done, paused, whose }: Omit<BatchStep, 'latency' | 'whose'> & Partial<BatchStep>,
  call: QueuedCall,
  effects: Pick<Effects, 'self' | 'emit'>,
  shared: SharedByAttempts,
): Promise<AttemptOutcome> {
  const { self } = effects
  const { id } = start.run
  // followers of a run hear its steps, too, that its cancellation spares
  const emit = whose?.work === sparedWork(id) ? (delta: Json) => effects.emit(delta, id) : effects.emit
  const each = { services, start, call, self, emit, ...shared }
  return work.attempt(done === 0 ? { ...each, before: paused?.attempts ?? 0 } : each)
}

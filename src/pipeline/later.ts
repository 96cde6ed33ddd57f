import type { Json } from '../kernel/schema.ts'
import type { ActorRef, Effects, Turn } from '../kernel/types.ts'
import type { StepStart, StepWait } from './messages.ts'
import type { StepState } from './step.ts'
import type { Ref } from './values.ts'
import type { Later } from './work/execute.ts'
import type { ModelUse } from './work/model-use.ts'

/** A step that pauses before another attempt, longer than a turn may take: whose it is, and how far it got. */
export type Pausing = {
  readonly run: ActorRef
  /** the correlation id of the run */
  readonly work: string
  /** idempotency key of its call */
  readonly key: string
  /** attempts so far */
  readonly attempts: number
  /** how things were before the first of them */
  readonly memo?: Ref
  /** calls of models so far that came to nothing */
  readonly models?: readonly ModelUse[]
}

/** The part that holds what started the step, for as long as it pauses or waits. */
export const START = 'start'

/** Lets the step go until its next attempt is due; its run is told. */
export async function pause(
  start: StepStart,
  later: Later,
  { run, work, key }: Omit<Pausing, 'attempts' | 'memo' | 'models'>,
  effects: Effects,
): Promise<Turn<StepState>> {
  const { delay, attempts, problem, memo, models } = later
  const until = (await effects.now()) + delay
  const told: StepWait = { type: 'step-wait', step: start.step, until, attempts, problem }
  return {
    state: { pausing: { run, work, key, attempts, ...(memo && { memo }), ...(models && { models }) } },
    parts: { [START]: start as unknown as Json },
    timers: { retry: { delay, body: { type: 'retry' } } },
    index: { status: 'waiting', waits: `until:${until}` },
    send: [{ to: run, body: told as unknown as Json, type: 'event', correlationId: work }],
  }
}

import type { Json } from '../../../kernel/schema.ts'
import type { ActorRef, Effects, Turn } from '../../../kernel/types.ts'
import type { StepEnd, StepWait } from '../../plan/messages/step-end.ts'
import type { StepStart } from '../../plan/messages/step-start.ts'
import type { ModelUse } from '../../plan/model-use.ts'
import type { Ref } from '../../plan/refs.ts'
import type { Later } from '../../plan/step-outcome.ts'
import type { StepState } from '../step-actor.ts'
import { waitForMoney } from './await-budget.ts'

/** A step that pauses before another attempt, longer than a turn may take, or until there is money: whose it is, and how far it got. */
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
  /** how it ended, when it is something behind that which waits for money */
  readonly end?: StepEnd
  /** of one that waits for money: what people are told */
  readonly money?: MoneyWanted
}

/** The budget that has too little, what is missing in words, and since when: ms since the epoch. */
export type MoneyWanted = { readonly scope: string; readonly title: string; readonly since: number }

/** The part that holds what started the step, for as long as it pauses or waits. */
export const START = 'start'

/** Lets the step go until its next attempt is due, or there is money; its run is told. */
export async function pause(
  start: StepStart,
  later: Later,
  { run, work, key, end }: Pick<Pausing, 'run' | 'work' | 'key' | 'end'>,
  effects: Effects,
): Promise<Turn<StepState>> {
  const { delay, attempts, problem, memo, models } = later
  const pausing = { run, work, key, attempts, ...(memo && { memo }), ...(models && { models }), ...(end && { end }) }
  if (problem.budget) return waitForMoney(start, pausing, problem, effects)
  const until = (await effects.now()) + delay
  const told: StepWait = { type: 'step-wait', step: start.step, until, attempts, problem }
  return {
    state: { pausing },
    parts: { [START]: start as unknown as Json },
    timers: { retry: { delay, body: { type: 'retry' } } },
    index: { status: 'waiting', waits: `until:${until}` },
    send: [{ to: run, body: told as unknown as Json, type: 'event', correlationId: work }],
  }
}

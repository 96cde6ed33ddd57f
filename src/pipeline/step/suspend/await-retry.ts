import type { Json } from '../../../kernel/schema.ts'
import type { Effects, Turn } from '../../../kernel/types.ts'
import type { StepWait } from '../../plan/messages/step-end.ts'
import type { StepStart } from '../../plan/messages/step-start.ts'
import type { Later } from '../../plan/step-outcome.ts'
import { type Pausing, START, type StepState } from '../step-state.ts'
import { waitForMoney } from './await-budget.ts'

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

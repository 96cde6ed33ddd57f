import { askForMoney, waitsFor } from '../budget/waiting.ts'
import type { Problem } from '../errors.ts'
import type { Json } from '../kernel/schema.ts'
import type { ActorRef, Effects, Send, Turn } from '../kernel/types.ts'
import { type Pausing, START } from './later.ts'
import type { Await, StepEnd, StepStart } from './messages.ts'
import type { StepState } from './step.ts'

/** Lets the step go until its budget has as much as it needs: the budget tells it, and its run knows what it waits for. */
export function waitForMoney(start: StepStart, pausing: Pausing, problem: Problem, effects: Effects): Turn<StepState> {
  const need = problem.budget!
  const { run, work } = pausing
  return {
    state: { pausing },
    parts: { [START]: start as unknown as Json },
    index: { status: 'waiting', waits: waitsFor(need.scope), run: run.key },
    send: [askForMoney(need, effects, work), awaited(run, work, start.step, problem)],
  }
}

/** The run lists it beside what waits for signals. */
function awaited(to: ActorRef, correlationId: string, step: string, problem: Problem): Send {
  const { scope } = problem.budget!
  const body: Await = { type: 'await', step, name: waitsFor(scope), title: problem.message.slice(0, 200) }
  return { to, body: body as Json, type: 'event', correlationId }
}

/** Nothing of its run is to go on: the step waits no longer. */
export async function giveUpWaiting({ run, work, attempts }: Pausing, { part }: Effects): Promise<Turn<StepState>> {
  const { step } = (await part(START)) as unknown as StepStart
  const end: StepEnd = { type: 'step-end', step, status: 'skipped', attempts, ms: 0, reason: 'aborted' }
  return { send: [{ to: run, body: end as Json, type: 'response', correlationId: work }], stop: true }
}

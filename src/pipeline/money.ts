import { budgetRef } from '../budget/scope.ts'
import type { Problem } from '../errors.ts'
import type { Json } from '../kernel/schema.ts'
import type { ActorRef, Effects, Send, Turn } from '../kernel/types.ts'
import { type Pausing, START } from './later.ts'
import type { Await, StepEnd, StepStart } from './messages.ts'
import type { StepState } from './step.ts'

/** Lets the step go until its budget has as much as it needs: the budget tells it, and its run knows what it waits for. */
export function waitForMoney(
  start: StepStart,
  pausing: Pausing,
  problem: Problem,
  { self, message }: Effects,
): Turn<StepState> {
  const { scope, amount } = problem.budget!
  const { run, work } = pausing
  const wanted = { type: 'wait', id: message.id, by: `${self.kind}/${self.key}`, amount }
  return {
    state: { pausing },
    parts: { [START]: start as unknown as Json },
    index: { status: 'waiting', waits: waitsFor(scope), run: run.key },
    send: [
      { to: budgetRef(scope), body: wanted, replyTo: self, correlationId: work },
      awaited(run, work, start.step, problem),
    ],
  }
}

const waitsFor = (scope: string) => `budget:${scope}`

/** The run lists it beside what waits for signals. */
function awaited(to: ActorRef, correlationId: string, step: string, problem: Problem): Send {
  const { scope } = problem.budget!
  const body: Await = { type: 'await', step, name: waitsFor(scope), title: problem.message.slice(0, 200) }
  return { to, body: body as Json, type: 'event', correlationId }
}

/** The budget has too many that wait: it is asked again later. */
export function askAgain(): Turn<StepState> {
  return { timers: { retry: { delay: AGAIN, body: { type: 'retry' } } } }
}

const AGAIN = 60_000

/** Nothing of its run is to go on: the step waits no longer. */
export async function giveUpWaiting({ run, work, attempts }: Pausing, { part }: Effects): Promise<Turn<StepState>> {
  const { step } = (await part(START)) as unknown as StepStart
  const end: StepEnd = { type: 'step-end', step, status: 'skipped', attempts, ms: 0, reason: 'aborted' }
  return { send: [{ to: run, body: end as Json, type: 'response', correlationId: work }], stop: true }
}

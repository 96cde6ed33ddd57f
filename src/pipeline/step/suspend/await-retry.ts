import { askForMoney, waitsFor } from '../../../budget/waiting.ts'
import type { Problem } from '../../../errors.ts'
import type { Json } from '../../../kernel/schema.ts'
import type { ActorIndex, ActorRef, Effects, Send, Turn } from '../../../kernel/types.ts'
import { ownerField } from '../../../lib/owner.ts'
import type { AwaitSignal } from '../../plan/messages/run.ts'
import type { StepEnd, StepWait } from '../../plan/messages/step-end.ts'
import type { StepStart } from '../../plan/messages/step-start.ts'
import type { RetryLater } from '../../plan/step-outcome.ts'
import { type MoneyWanted, type Pausing, START, type StepState } from '../step-state.ts'

/** Lets the step go until its next attempt is due, or there is money; its run is told. */
export async function pause(
  start: StepStart,
  later: RetryLater,
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

/** Lets the step go until its budget has as much as it needs: the budget tells it, and its run knows what it waits for. */
async function waitForMoney(
  start: StepStart,
  pausing: Pausing,
  problem: Problem,
  effects: Effects,
): Promise<Turn<StepState>> {
  const need = problem.budget!
  const { run, work } = pausing
  const money = { scope: need.scope, title: problem.message.slice(0, 200), since: await effects.now() }
  return {
    state: { pausing: { ...pausing, money } },
    parts: { [START]: start as unknown as Json },
    index: indexOf(start, run, money),
    send: [askForMoney(need, effects, work), awaited(run, work, start.step, money)],
  }
}

/** It is listed beside what waits for people. */
function indexOf({ step, owner }: StepStart, run: ActorRef, { scope, since }: MoneyWanted): ActorIndex {
  return { status: 'waiting', waits: waitsFor(scope), inbox: 1, run: run.key, step, since, ...ownerField(owner) }
}

/** The run lists it beside what waits for signals. */
function awaited(to: ActorRef, correlationId: string, step: string, { scope, title }: MoneyWanted): Send {
  const body: AwaitSignal = { type: 'await', step, name: waitsFor(scope), title }
  return { to, body: body as Json, type: 'event', correlationId }
}

/** Nothing of its run is to go on: the step waits no longer. */
export async function giveUpWaiting({ run, work, attempts }: Pausing, { part }: Effects): Promise<Turn<StepState>> {
  const { step } = (await part(START)) as unknown as StepStart
  const end: StepEnd = { type: 'step-end', step, status: 'skipped', attempts, ms: 0, reason: 'aborted' }
  return { send: [{ to: run, body: end as Json, type: 'response', correlationId: work }], stop: true }
}

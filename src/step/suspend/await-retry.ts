import type { BudgetShortfall } from '../../budget/shortfall.ts'
import { reserveMessage } from '../../budget/waiting.ts'
import type { ActorIndex, ActorRef, Effects, Send, Turn } from '../../kernel/types.ts'
import { ownerField } from '../../lib/owner.ts'
import { changesIn, isCodeMissing, neededCode } from '../../work/code-wait.ts'
import { isLongWait, waitOf } from '../../work/provider-wait.ts'
import { suspensionIn } from '../../work/suspension.ts'
import { CODE_WAIT, IN_INBOX, inboxSince, moneyWait, PROVIDER_WAIT } from '../../work/wait.ts'
import { START_PART, type StepState, type Suspended } from '../attempt/step-state.ts'
import type { AwaitSignal } from '../messages/signal.ts'
import type { StepEnd } from '../messages/step-end.ts'
import type { StepStart } from '../messages/step-start.ts'
import type { RetryLater } from '../record/outcome.ts'
import type { StepWait } from '../record/step.ts'

/** Suspends the step until its next attempt, or until there is budget, and tells its run. */
export async function suspendStep(
  start: StepStart,
  later: RetryLater,
  { run, work, key, end }: Pick<Suspended, 'run' | 'work' | 'key' | 'end'>,
  effects: Effects,
): Promise<Turn<StepState>> {
  const { delay, attempts, cutOff, used, problem, memo, models, tries } = later
  const suspended = {
    run,
    work,
    key,
    attempts,
    ...(cutOff && { cutOff }),
    ...(used && { used }),
    ...(memo && { memo }),
    ...(models && { models }),
    ...(end && { end }),
  }
  if (isCodeMissing(problem)) return awaitCode(start, suspended, later, effects)
  const suspension = suspensionIn(problem)
  if (suspension?.type === 'money') return awaitBudget(start, suspended, suspension.shortfall, later, effects)
  const next = suspension?.type === 'provider' ? suspension.next : undefined
  const from = next ? next.at : await effects.now()
  const until = from + delay
  const { ms, at = ms === undefined ? undefined : from - ms } = later
  const event: StepWait = {
    type: 'step-wait',
    step: start.step,
    until,
    attempts,
    problem,
    ...(at !== undefined && { at: Math.max(0, at) }),
    ...(ms !== undefined && { ms }),
    ...(tries && { tries }),
  }
  const providerWait =
    next && isLongWait(next) ? { title: problem.message.slice(0, 200), since: next.since, until } : undefined
  const waiting: StepStart = next ? { ...start, waited: waitOf(next) } : start
  return {
    state: { suspended: { ...suspended, ...(providerWait && { providerWait }) } },
    parts: { [START_PART]: waiting },
    timers: { retry: { delay, body: { type: 'retry' } } },
    index: {
      status: 'waiting',
      until,
      ...(next && { waits: PROVIDER_WAIT, since: next.since }),
      ...(providerWait && { ...IN_INBOX, run: run.key, step: start.step, ...ownerField(start.run.owner) }),
    },
    send: [{ to: run, body: event, type: 'event', correlationId: work }],
  }
}

/** Suspends the step until its budget has enough. The budget wakes it, and its run knows what it waits for. */
async function awaitBudget(
  start: StepStart,
  suspended: Suspended,
  need: BudgetShortfall,
  { problem, tries }: Pick<RetryLater, 'problem' | 'tries'>,
  effects: Effects,
): Promise<Turn<StepState>> {
  const { run, work } = suspended
  const budgetWait = { scope: need.scope, title: problem.message.slice(0, 200), since: await effects.now() }
  return {
    state: { suspended: { ...suspended, budgetWait } },
    parts: { [START_PART]: start },
    index: indexOf(start, run, moneyWait(need.scope), budgetWait.since),
    send: [
      reserveMessage(need, effects, work),
      waitMessage(suspended, { step: start.step, name: moneyWait(need.scope), title: budgetWait.title }, tries),
    ],
  }
}

/** Suspends the step until a process has its code, and wakes it. */
async function awaitCode(
  start: StepStart,
  suspended: Suspended,
  { problem, tries }: Pick<RetryLater, 'problem' | 'tries'>,
  effects: Effects,
): Promise<Turn<StepState>> {
  const { run } = suspended
  const changes = changesIn(problem)
  const codeWait = {
    title: problem.message.slice(0, 500),
    since: await effects.now(),
    ...neededCode(problem),
    ...(changes && { changes }),
  }
  return {
    state: { suspended: { ...suspended, codeWait } },
    parts: { [START_PART]: start },
    index: indexOf(start, run, CODE_WAIT, codeWait.since),
    send: [waitMessage(suspended, { step: start.step, name: CODE_WAIT, title: codeWait.title.slice(0, 200) }, tries)],
  }
}

/** A step that waits for budget or for its code is listed in the inbox. */
function indexOf({ step, run: { owner } }: StepStart, run: ActorRef, waits: string, since: number): ActorIndex {
  return { status: 'waiting', waits, run: run.key, step, ...inboxSince(since), ...ownerField(owner) }
}

/** The run lists this wait among those for signals. */
function waitMessage(
  { run: to, work: correlationId }: Suspended,
  wait: Pick<AwaitSignal, 'step' | 'name' | 'title'>,
  tries: AwaitSignal['tries'],
): Send {
  const body: AwaitSignal = { type: 'await', ...wait, ...(tries && { tries }) }
  return { to, body, type: 'event', correlationId }
}

/** The run has failed or was cancelled, so the step stops waiting. */
export async function abandonSuspended(
  { run, work, attempts, tries }: Suspended,
  { part }: Effects,
): Promise<Turn<StepState>> {
  const { step } = (await part(START_PART)) as StepStart
  const ended = { type: 'step-end', step, attempts, ms: 0, ...(tries && { tries }) } as const
  const end: StepEnd = { ...ended, status: 'skipped', reason: 'aborted' }
  return { send: [{ to: run, body: end, type: 'response', correlationId: work }], stop: true }
}

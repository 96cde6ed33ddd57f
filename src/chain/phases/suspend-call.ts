import { releaseMessage, reserveMessage } from '../../budget/waiting.ts'
import type { Problem } from '../../errors.ts'
import type { ActorRef, Effects, Send, Turn } from '../../kernel/types.ts'
import type { PhaseCall, PhaseWait } from '../../thread/protocol/messages.ts'
import { CODE_PAUSE_MS } from '../../work/code-wait.ts'
import { type ProviderPause, type ProviderWait, pauseOf, waitOf } from '../../work/provider-wait.ts'
import type { Suspension } from '../../work/suspension.ts'
import { CODE_WAIT, moneyWait, PROVIDER_WAIT } from '../../work/wait.ts'
import type { AwaitedRun } from '../calls/phase-calls.ts'
import { awaitRun, cancelRun, failedEnds, isFromRun, type ParkedRun, personProblem } from '../calls/wait-for-run.ts'
import { fitMemo, type MemoEntries } from './memo.ts'

/** A phase call that waits for budget, provider, code or run, in the part `waiting`, with the place for its result. */
export type SuspendedCall = {
  readonly call: PhaseCall
  readonly chain: ActorRef
  readonly work: string
  /** what is missing, in words */
  readonly title: string
  /** the wait is over, and the call is being repeated */
  readonly called?: true
} & (
  | { /** the scope of the budget */ readonly scope: string; readonly provider?: never; readonly calls?: never }
  | { readonly provider: ProviderPause; readonly scope?: never; readonly calls?: never }
  | { /** the process lacks code */ readonly scope?: never; readonly provider?: never; readonly calls?: never }
  | { /** the run of its calls */ readonly calls: ParkedRun; readonly provider?: never; readonly scope?: never }
)

/** The parts of a suspended call, and of the memo of its effects. */
export const WAITING_PART = 'waiting'
const MEMO_PART = 'memo'

async function suspendedCall({ part }: Pick<Effects, 'part'>): Promise<SuspendedCall | undefined> {
  return (await part(WAITING_PART)) as SuspendedCall | undefined
}

/** The wait for a provider, or the run, of a call that is being repeated. */
export type WaitOfCall = { readonly waited?: ProviderWait | undefined; readonly parked?: ParkedRun | undefined }

export async function waitOfCall(effects: Pick<Effects, 'part'>): Promise<WaitOfCall> {
  const { provider, calls } = (await suspendedCall(effects)) ?? {}
  return { waited: provider && waitOf(provider), parked: calls }
}

export async function savedMemo({ part }: Pick<Effects, 'part'>): Promise<MemoEntries> {
  return (await part(MEMO_PART)) as MemoEntries
}

/**
 * Suspends the phase until its budget has the required amount, its provider may answer, its process has the code, or
 * the run of its calls has ended. The budget, a timer or the run wakes the phase. The thread learns what the phase
 * waits for, except for a run, whose time counts for the ask.
 */
export function suspendCall(
  { again: _, ...call }: PhaseCall,
  memo: MemoEntries,
  {
    suspension,
    problem,
    awaited,
  }: { readonly suspension: Suspension; readonly problem: Problem; readonly awaited: AwaitedRun | undefined },
  effects: Effects,
): Turn<never> {
  const about = parkedCall(call, problem, effects)
  if (suspension.type === 'money') {
    const { shortfall } = suspension
    const parked: SuspendedCall = { ...about, scope: shortfall.scope }
    return {
      parts: { [WAITING_PART]: parked, [MEMO_PART]: fitMemo(memo) },
      index: { status: 'waiting', waits: moneyWait(shortfall.scope) },
      send: [reserveMessage(shortfall, effects, parked.work), waitMessage(parked, problem)],
    }
  }
  if (suspension.type === 'actor') {
    const { parked: calls, ...wait } = awaitRun(awaited!, effects.self)
    const parked: SuspendedCall = { ...about, calls }
    return { parts: { [WAITING_PART]: parked, [MEMO_PART]: fitMemo(memo) }, ...wait }
  }
  if (suspension.type === 'code')
    return {
      parts: { [WAITING_PART]: about, [MEMO_PART]: fitMemo(memo) },
      index: { status: 'waiting', waits: CODE_WAIT },
      timers: { provider: { delay: CODE_PAUSE_MS, body: { type: 'retry' } } },
      send: [waitMessage(about, problem)],
    }
  const { next } = suspension
  const parked: SuspendedCall = { ...about, provider: pauseOf(next) }
  return {
    parts: { [WAITING_PART]: parked, [MEMO_PART]: fitMemo(memo) },
    index: { status: 'waiting', waits: PROVIDER_WAIT, since: next.since },
    timers: { provider: { delay: next.delay, body: { type: 'retry' } } },
    send: [waitMessage(parked, problem)],
  }
}

/** The call with its receiver. A call that is repeated has them from its first message. */
function parkedCall(call: PhaseCall, problem: Problem, { message }: Pick<Effects, 'message'>) {
  const { correlationId: work, replyTo } = message
  return { call, chain: replyTo!, work, title: problem.message.slice(0, 200) }
}

function waitMessage({ call: { phase, input }, chain: to, work }: SuspendedCall, problem: Problem): Send {
  const body: PhaseWait = { type: 'phase-wait', ask: input.ask, cycle: input.cycle, phase, problem }
  return { to, body, type: 'event', correlationId: work }
}

/**
 * The budget has money, the provider may answer, or the run has ended: repeats the suspended
 * call as the thread made it. The thread gets the result in any case.
 */
export async function resumeCall({ self, part }: Effects): Promise<Turn<never>> {
  const parked = await suspendedCall({ part })
  if (!parked || parked.called) return {}
  const { call, chain: replyTo, work: correlationId } = parked
  const body: PhaseCall = { ...call, again: true }
  return { parts: { [WAITING_PART]: { ...parked, called: true } }, send: [{ to: self, body, replyTo, correlationId }] }
}

/** Whether the message comes from the run that the suspended call waits for. */
export async function isOfRun(effects: Effects): Promise<boolean> {
  const { calls } = (await suspendedCall(effects)) ?? {}
  return calls !== undefined && isFromRun(calls, effects)
}

/** The run could not begin, or was cancelled: its calls have failed, and the phase continues with that. */
export async function failRun(problem: Problem, effects: Effects): Promise<Turn<never>> {
  if (!(await isOfRun(effects))) return {}
  const { calls } = (await suspendedCall(effects))!
  const turn = await resumeCall(effects)
  const memo = { ...(await savedMemo(effects)), [calls!.entry]: failedEnds(calls!, problem) }
  return { ...turn, parts: { ...turn.parts, [MEMO_PART]: memo } }
}

/** A call of the run waits for a person or for money: the thread learns it, and the time of the ask is paused. */
export async function noteWait(title: string, effects: Effects): Promise<Turn<never>> {
  const parked = await suspendedCall(effects)
  if (!parked?.calls || parked.called) return {}
  return { send: [waitMessage(parked, personProblem(parked.calls, title))] }
}

export const CLEAR_WAIT: Pick<Turn, 'parts' | 'index'> = {
  parts: { [WAITING_PART]: null, [MEMO_PART]: null },
  index: {},
}

/** The work was cancelled: releases the reservation at the budget, or cancels the run. */
export async function cancelWait({ self, message, part }: Effects, reason: string): Promise<Turn<never>> {
  const parked = await suspendedCall({ part })
  if (parked?.work !== message.correlationId) return {}
  if (parked.calls) return { ...CLEAR_WAIT, ...cancelRun(parked.calls, reason) }
  if (parked.scope === undefined) return { ...CLEAR_WAIT, timers: { provider: null } }
  return { ...CLEAR_WAIT, send: [releaseMessage(parked.scope, self, parked.work)] }
}

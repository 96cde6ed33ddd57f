import { KIND } from '../../house/actors.ts'
import type { Json } from '../../kernel/json.ts'
import { nameOf } from '../../kernel/ref.ts'
import type { ActorIndex, ActorRef, Send, Turn } from '../../kernel/types.ts'
import { present } from '../../lib/json/present.ts'
import { ownerField } from '../../lib/owner.ts'
import { CODE_WAIT, ELSEWHERE_WAIT, inboxSince, signalWait } from '../../work/wait.ts'
import { CALL_GATE } from '../approval/decide-call.ts'
import type { AwaitingCallback, ParkedSignal, StepState } from '../attempt/step-state.ts'
import { type CallbackRequest, isSignalTarget } from '../messages/callback.ts'
import type { InboxPrompt } from '../messages/inbox-prompt.ts'
import type { AwaitSignal } from '../messages/signal.ts'
import type { StepTry } from '../record/step.ts'
import { limitOf, timeoutAfter } from './deadline.ts'

/**
 * Sends the request, `passed` ms after the first one. Only the fields for people are stored. `tries`: the failed
 * attempts before it, which a wait for a signal tells.
 */
export function sendRequest(
  { later: _, ...waiting }: AwaitingCallback,
  self: ActorRef,
  passed: number,
  tries?: readonly StepTry[],
): Turn<StepState> {
  const { question } = waiting
  const stored = isSignalTarget(question.to) ? question : { ...question, body: null }
  const limit = limitOf(waiting, passed)
  return {
    state: { awaiting: { ...waiting, question: stored } },
    index: indexOf(waiting),
    send: [requestMessage(waiting, self, tries)],
    ...(limit !== undefined && { timers: timeoutAfter(limit) }),
  }
}

function requestMessage(
  waiting: Omit<AwaitingCallback, 'later'>,
  self: ActorRef,
  tries: readonly StepTry[] | undefined,
): Send {
  const { question } = waiting
  const { to, body, work: own } = question
  if (isSignalTarget(to)) return expectSignal(waiting, to.signal, body, tries ? { tries } : {})
  return { to, body, replyTo: self, ...(own !== undefined && { correlationId: own }) }
}

/** Tells the run, which receives all signals, that this step waits for one. */
export function expectSignal(
  waiting: Omit<AwaitingCallback, 'later'>,
  signal: string,
  body: Json,
  more: Pick<AwaitSignal, 'tries' | 'lacksCode' | 'after'> = {},
): Send {
  const { run, work, step, asking, recovery } = waiting
  const { title = '', url } = (body ?? {}) as Partial<InboxPrompt>
  // a call of a handler comes after the own call of its step
  const unmade = asking === CALL_GATE && !recovery && { unmade: true as const }
  const message: AwaitSignal = {
    type: 'await',
    step,
    name: signal,
    title: title.slice(0, 200),
    ...unmade,
    ...(url && { url }),
    ...parkedFacts(waiting),
    ...more,
  }
  return { to: run, body: message, type: 'event', correlationId: work }
}

/** Whether a step parks signals for code that is not here. */
export const lacksCode = ({ parked = [] }: Pick<AwaitingCallback, 'parked'>) =>
  parked.some(({ problem }) => problem === undefined)

export const sizeOf = (parked: readonly ParkedSignal[]) => parked.reduce((sum, { size }) => sum + size, 0)

/** The parked signals of a step, as its run counts them. */
function parkedFacts({ parked }: Pick<AwaitingCallback, 'parked'>): Pick<AwaitSignal, 'parked'> {
  if (!parked) return {}
  return { parked: { count: parked.length, size: sizeOf(parked), ...(lacksCode({ parked }) && { waits: true }) } }
}

/** The index field of a step that parks signals. */
export const PARKS = { parks: 1 } as const

/** Whether a machine answers a question, at its address. */
export const isForMachine = ({ body }: Pick<CallbackRequest, 'body'>): boolean =>
  (body as Partial<InboxPrompt> | null)?.url === true

/** Steps that wait for a signal are in the inbox, unless a machine sends it or a look-up may answer first. */
export function indexOf({ question, ...waiting }: Omit<AwaitingCallback, 'later'>): ActorIndex {
  const { run, step, owner, since, parked, tool, agent, looks } = waiting
  const { to } = question
  // a run is listed as waiting only if a step says so: its thread may wait for a person
  const ofThread = !isSignalTarget(to) && to.kind === KIND.thread && { status: 'waiting' }
  if (!isSignalTarget(to)) return { ...ofThread, waits: to.kind === KIND.step ? ELSEWHERE_WAIT : nameOf(to) }
  // lists find its run by the status
  const isForNobody = (isForMachine(question) && !parked) || (looks && !looks.asked && !looks.lacks)
  const listed = isForNobody ? { status: 'waiting', since } : inboxSince(since)
  const about = { run: run.key, step, ...listed, ...ownerField(owner), ...present({ tool, agent }) }
  return { waits: looks?.lacks ? CODE_WAIT : signalWait(to.signal), ...about, ...(parked && PARKS) }
}

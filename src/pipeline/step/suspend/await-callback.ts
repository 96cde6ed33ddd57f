import { type Problem, problemOf } from '../../../errors.ts'
import { isInterruption } from '../../../kernel/interrupt.ts'
import type { Json } from '../../../kernel/schema.ts'
import type { ActorIndex, ActorRef, Effects, Send, Turn } from '../../../kernel/types.ts'
import { ownerField } from '../../../lib/owner.ts'
import { isWait } from '../../../work/must-propagate.ts'
import type { CallbackRequest, CallbackResult } from '../../plan/callback.ts'
import type { StepParameters } from '../../plan/compiled.ts'
import type { AwaitSignal } from '../../plan/messages/run.ts'
import type { StepEnd } from '../../plan/messages/step-end.ts'
import type { StepStart } from '../../plan/messages/step-start.ts'
import { readRef, type ValueRef } from '../../plan/refs.ts'
import { resultOf } from '../../plan/step-outcome.ts'
import { PendingApproval, type RecoveryProgress } from '../approval/pending-approval.ts'
import { resolveDynamicRoute } from '../auto-tags/dynamic-route.ts'
import { TOOL_QUESTION, TOOL_QUESTION_EFFECT } from '../callback/await-answers.ts'
import type { CallbackVerdict } from '../callback/callback-tool.ts'
import { callbackHandlerOf } from '../callback/request.ts'
import type { PipelineServices } from '../context.ts'
import type { PendingCallback } from '../outcome.ts'
import { pipelineOpener, recover } from '../recovery/recover.ts'
import { compareWithEarlier } from '../reuse.ts'
import { type AwaitingCallback, START_PART, type StepState } from '../step-state.ts'
import { failureFields, storeValue } from '../values/step-values.ts'
import { reportEnd, turnAfterDecision } from './after-decision.ts'

/** Sends the request and waits for the answer as long as the step may take. */
export async function awaitCallback(
  start: StepStart,
  asked: PendingCallback,
  { run, work }: Pick<AwaitingCallback, 'run' | 'work'>,
  effects: Effects,
  recovery?: RecoveryProgress,
): Promise<Turn<StepState>> {
  const { asking, question, key, attempts, parameters, filesDigest } = asked
  const since = await effects.now()
  const about = { step: start.step, ...ownerField(start.run.provenance?.owner) }
  const waiting: AwaitingCallback = {
    run,
    work,
    ...about,
    asking,
    question,
    key,
    attempts,
    since,
    parameters,
    ...(filesDigest !== undefined && { filesDigest }),
    ...(recovery && { recovery }),
  }
  // the handler of a failure needs it
  return { ...sendRequest(waiting, effects.self), parts: { [START_PART]: start } }
}

/** Sends the request. Only the fields for people are stored. */
function sendRequest({ later: _, ...waiting }: AwaitingCallback, self: ActorRef): Turn<StepState> {
  const { question } = waiting
  const kept = isSignalTarget(question.to) ? question : { ...question, body: null }
  const { limit } = question
  return {
    state: { awaiting: { ...waiting, question: kept } },
    index: indexOf(waiting),
    send: [requestMessage(waiting, self)],
    ...(limit !== undefined && { timers: { timeout: { delay: limit, body: { type: 'timeout' } } } }),
  }
}

function requestMessage({ run, work, step, question }: Omit<AwaitingCallback, 'later'>, self: ActorRef): Send {
  const { to, body, work: own } = question
  if (isSignalTarget(to)) return expectSignal({ run, work, step }, to.signal, body)
  return { to, body, replyTo: self, ...(own !== undefined && { correlationId: own }) }
}

/** Tells the run, which receives all signals, that this step waits for one. */
function expectSignal(
  { run, work, step }: Pick<AwaitingCallback, 'run' | 'work' | 'step'>,
  signal: string,
  body: Json,
): Send {
  const { title = '' } = (body ?? {}) as { readonly title?: string }
  const message: AwaitSignal = { type: 'await', step, name: signal, title: title.slice(0, 200) }
  return { to: run, body: message, type: 'event', correlationId: work }
}

/** Steps that wait for a signal are listed by `antiphon inbox`. */
function indexOf({ run, step, owner, since, question: { to } }: Omit<AwaitingCallback, 'later'>): ActorIndex {
  if (!isSignalTarget(to)) return { waits: to.kind === 'step' ? WORK_ELSEWHERE : `${to.kind}/${to.key}` }
  return { waits: `signal:${to.signal}`, inbox: 1, run: run.key, step, since, ...ownerField(owner) }
}

/** The wait of a step that looks after work of its tool: for no actor, and for nothing that a person can send. */
const WORK_ELSEWHERE = 'work:elsewhere'

/** Whether a message from an actor answers the current request. */
export function isAboutRequest({ question: { to }, later }: AwaitingCallback, from: ActorRef | null): boolean {
  if (later !== undefined) return false
  return from === null || isSignalTarget(to) || (from.kind === to.kind && isSameWork(from.key, to))
}

/** A goal that was handed over is answered by the goal below it. */
function isSameWork(key: string, to: ActorRef): boolean {
  return key === to.key || (to.kind === 'agent' && key.startsWith(`${to.key}.`))
}

export function isSignalTarget(to: CallbackRequest['to']): to is { readonly signal: string } {
  return 'signal' in to
}

/** Sends the request again when its delay is over. */
export function repeatRequest(waiting: AwaitingCallback, self: ActorRef): Turn<StepState> {
  return waiting.later === undefined ? {} : sendRequest(waiting, self)
}

/** Judges what was received and reports the end of the step. A request without an answer is cancelled. */
export async function resume(
  services: PipelineServices,
  waiting: AwaitingCallback,
  received: CallbackResult,
  effects: Effects,
): Promise<Turn<StepState>> {
  try {
    return await resumeJudged(services, waiting, received, effects)
  } catch (error) {
    if (!PendingApproval.is(error)) throw error
    const { gate, progress } = error
    const start = (await effects.part(START_PART)) as StepStart
    const waits = await awaitCallback(start, { ...gate, key: waiting.key }, waiting, effects, progress)
    const { body } = effects.message
    return { timers: { timeout: null }, ...waits, ...(isSignal(body) && { reply: { status: 'taken' } }) }
  }
}

async function resumeJudged(
  services: PipelineServices,
  waiting: AwaitingCallback,
  received: CallbackResult,
  effects: Effects,
): Promise<Turn<StepState>> {
  const ms = (await effects.now()) - waiting.since
  const off = 'problem' in received ? cancelRequest(waiting) : {}
  const start = (await effects.part(START_PART)) as StepStart | undefined
  const judgeIt = () => judge(services, waiting, received, ms, start?.run.recorded) as Promise<Json>
  try {
    const isAnswer = waiting.asking === TOOL_QUESTION && isSignalTarget(waiting.question.to)
    const options = isAnswer ? TOOL_QUESTION_EFFECT : {}
    const judged = (await effects.run<Json>('store', judgeIt, options)) as JudgedEnd
    if (judged.type === 'decided') return turnAfterDecision(waiting, start!, judged, waiting.since + ms)
    return { ...off, ...turnAfter(waiting, await recoverJudged(services, waiting, start, judged, effects), effects) }
  } catch (error) {
    if (isInterruption(error) || PendingApproval.is(error)) throw error
    const end: StepEnd = { ...endOfWait(waiting, ms), status: 'failed', problem: problemOf(error) }
    return { ...off, ...turnAfter(waiting, await recoverJudged(services, waiting, start, end, effects), effects) }
  }
}

/** Applies the step's recovery. A step that started without a stored start message has none. */
async function recoverJudged(
  services: PipelineServices,
  waiting: AwaitingCallback,
  start: StepStart | undefined,
  end: Exclude<JudgedEnd, Decided>,
  effects: Effects,
): Promise<Exclude<JudgedEnd, Decided>> {
  if (end.type !== 'step-end' || !start) return end
  const recovery = { services, open: pipelineOpener(services, start), start }
  try {
    const recovered = end.status === 'failed' ? await recover(recovery, end, effects) : end
    return await resolveDynamicRoute(recovery, recovered, effects)
  } catch (error) {
    if (!isWait(error)) throw error
    // recovery must be possible at once: the callback is not repeated
    if (end.status === 'failed') return end
    const result = resultOf(end)
    return { ...endOfWait(waiting, end.ms), status: 'failed', problem: problemOf(error), ...(result && { result }) }
  }
}

type Decided = Extract<CallbackVerdict, { readonly type: 'decided' }>

/** The journaled verdict: the end of the step, or that it continues to wait. */
type JudgedEnd = StepEnd | Exclude<CallbackVerdict, { readonly type: 'result' }>

async function judge(
  services: PipelineServices,
  waiting: AwaitingCallback,
  received: CallbackResult,
  ms: number,
  recorded: ValueRef | undefined,
): Promise<JudgedEnd> {
  const { step, asking, question, key } = waiting
  const parameters = (await readRef(services.values, waiting.parameters)) as StepParameters
  const verdict = await callbackHandlerOf(services, asking).take(question, received, { services, parameters, ms, key })
  if (verdict.type !== 'result') return verdict
  const { result, text, fields, problem } = verdict
  const status = problem ? 'failed' : 'completed'
  const shown = {
    ...(fields && { fields }),
    ...(text !== undefined && { text }),
    ...(problem && failureFields(problem, waiting.attempts)),
  }
  const value = { status, result, parameters, ...shown, duration: ms } as const
  const stored = await storeValue(services, value)
  const about = endOfWait(waiting, ms)
  const end: StepEnd = problem
    ? { ...about, status: 'failed', problem, result: stored }
    : { ...about, status: 'completed', result: stored }
  return recorded ? compareWithEarlier(services, recorded, step, end) : end
}

function endOfWait({ step, attempts, key, filesDigest }: AwaitingCallback, ms: number) {
  const about = { type: 'step-end', step, attempts, key, ms } as const
  return filesDigest === undefined ? about : { ...about, reuse: { filesDigest } }
}

function turnAfter(
  waiting: AwaitingCallback,
  judged: Exclude<JudgedEnd, Decided>,
  { message }: Effects,
): Turn<StepState> {
  switch (judged.type) {
    case 'step-end':
      return { ...reportEnd(waiting, judged), ...replyToSender(judged, message.body) }
    case 'refused':
      return refuseAnswer({ ...waiting, question: judged.question }, judged.problem)
    case 'again': {
      const later: AwaitingCallback = { ...waiting, question: judged.question, later: message.correlationId }
      const again = { delay: judged.delay, body: { type: 'again' } }
      return { state: { awaiting: later }, timers: { timeout: null, again } }
    }
  }
}

/** The sender of a signal gets the outcome. */
function replyToSender(end: StepEnd, body: Json): Turn<StepState> {
  if (!isSignal(body)) return {}
  return end.status === 'failed' ? { refuse: end.problem } : { reply: { status: 'taken' } }
}

const isSignal = (body: Json) => (body as { readonly type?: string }).type === 'signal'

/** Refuses an unsuitable answer to its sender; the step continues to wait. */
function refuseAnswer(waiting: AwaitingCallback, problem: Problem): Turn<StepState> {
  const { to, body } = waiting.question
  return {
    state: { awaiting: waiting },
    refuse: problem,
    send: isSignalTarget(to) ? [expectSignal(waiting, to.signal, body)] : [],
  }
}

/** The step was cancelled, and its request with it. */
export function cancelCallback(waiting: AwaitingCallback): Turn<StepState> {
  return { ...cancelRequest(waiting), stop: true }
}

/** The run has failed or was cancelled, so the step stops waiting. */
export function abandonCallback(waiting: AwaitingCallback): Turn<StepState> {
  return {
    ...cancelRequest(waiting),
    ...reportEnd(waiting, { ...endOfWait(waiting, 0), status: 'skipped', reason: 'aborted' }),
  }
}

function cancelRequest({ question: { to, work } }: AwaitingCallback): Turn<StepState> {
  if (work === undefined || isSignalTarget(to)) return {}
  return { cancel: [{ of: to, correlationId: work, reason: 'its step was cancelled' }] }
}

/** The problem of an answer that did not come in time. */
export const ANSWER_TIMEOUT: Problem = {
  code: 'timeout',
  name: 'TimeoutError',
  message: 'the answer took longer than the timeout of the step',
}

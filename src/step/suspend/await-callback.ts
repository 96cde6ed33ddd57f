import { type Problem, problemOf } from '../../errors.ts'
import { KIND } from '../../house/actors.ts'
import { isInterruption, type SentMark } from '../../kernel/faults.ts'
import type { Json } from '../../kernel/json.ts'
import type { ActorRef, Effects, Turn } from '../../kernel/types.ts'
import { present } from '../../lib/json/present.ts'
import { ownerField } from '../../lib/owner.ts'
import { callForOf } from '../../work/origin/call-for.ts'
import { isWait } from '../../work/suspension.ts'
import { CALL_GATE, callGate, withDecision } from '../approval/decide-call.ts'
import type { PendingCallback } from '../attempt/outcome.ts'
import { PendingDecision, type RecoveryProgress } from '../attempt/pending-decision.ts'
import { handlerOfTool } from '../attempt/request.ts'
import { type AwaitingCallback, START_PART, type StepState } from '../attempt/step-state.ts'
import { openWork, type StepTurns } from '../attempt/turns.ts'
import { effectOfAnswer, TOOL_QUESTION } from '../call/await-answers.ts'
import type { CallbackHandler, CallbackVerdict } from '../call/callback.ts'
import { failureFields, storeValue } from '../call/step-value.ts'
import { type CallbackResult, isSignalTarget } from '../messages/callback.ts'
import type { Signal } from '../messages/signal.ts'
import type { StepEnd } from '../messages/step-end.ts'
import type { StepStart } from '../messages/step-start.ts'
import { resultOf, type StepParameters } from '../record/outcome.ts'
import { readRef } from '../values.ts'
import { callWithAnswers, repeatCall, reportEnd, settledRecovery, turnAfterDecision } from './after-decision.ts'
import { actOf, answerIn, isSignal, NEEDS_ADMIN, NEEDS_APPROVE, withAnswer } from './answered.ts'
import { deadlineOf, lookAfter } from './deadline.ts'
import { cancelRequest, endOfWait } from './end-wait.ts'
import { expectSignal, isForMachine, sendRequest } from './send-request.ts'
import { settleCall } from './settle-call.ts'
import { askWhetherDone, isUnknown, UNKNOWN_OUTCOME, type UnknownOutcome } from './unknown-outcome.ts'

/** Sends the request and waits for the answer as long as the step may take. */
export async function awaitCallback(
  start: StepStart,
  asked: PendingCallback,
  { run, work }: Pick<AwaitingCallback, 'run' | 'work'>,
  effects: Effects,
  recovery?: RecoveryProgress,
): Promise<Turn<StepState>> {
  const { asking, tool, question, key, attempts, parameters, filesDigest, memo, looks, tries } = asked
  const since = await effects.now()
  const about = { step: start.step, ...ownerField(start.run.owner) }
  const waiting: AwaitingCallback = {
    run,
    work,
    ...about,
    asking,
    ...present({ tool, agent: start.run.workFor?.agent }),
    question,
    key,
    attempts,
    since,
    parameters,
    ...(filesDigest !== undefined && { filesDigest }),
    ...(memo && { memo }),
    ...(tries && !isSignalTarget(question.to) && { tries }),
    ...(recovery && { recovery }),
    ...(looks && { looks }),
    ...deadlineOf(start, question),
  }
  const sent = sendRequest(waiting, effects.self, 0, tries)
  const timers = looks && { timers: { ...sent.timers, ...lookAfter(0) } }
  // the handler of a failure needs it
  return { ...sent, ...timers, parts: { [START_PART]: start } }
}

/** Whether a message from an actor answers the current request. */
export function isAboutRequest({ question: { to }, later }: AwaitingCallback, from: ActorRef | null): boolean {
  if (later !== undefined) return false
  return from === null || isSignalTarget(to) || (from.kind === to.kind && isSameWork(from.key, to))
}

/** A goal that was handed over is answered by the goal below it. */
function isSameWork(key: string, to: ActorRef): boolean {
  return key === to.key || (to.kind === KIND.goal && key.startsWith(`${to.key}.`))
}

/** Sends the request again when its delay is over. */
export async function repeatRequest(waiting: AwaitingCallback, { self, now }: Effects): Promise<Turn<StepState>> {
  return waiting.later === undefined ? {} : sendRequest(waiting, self, (await now()) - waiting.since)
}

/**
 * Judges what was received and reports the end of the step. A request without an answer is cancelled. `signal`: what
 * was received came with it; the turn refuses one that does not fit.
 */
export async function resume(
  turns: StepTurns,
  waiting: AwaitingCallback,
  received: CallbackResult,
  effects: Effects,
  signal?: Omit<Signal, 'type'>,
): Promise<Turn<StepState>> {
  if (signal?.answers === false && isForPeople(waiting)) return refuseAnswer(waiting, NEEDS_APPROVE)
  if (signal?.machine === false && isForMachine(waiting.question)) return refuseAnswer(waiting, NEEDS_ADMIN)
  const answer = signal && answerIn(waiting, signal)
  const stored = (await effects.part(START_PART)) as StepStart | undefined
  const start = stored && withAnswer(stored, answer)
  const turn = await resumeOrWait(turns, waiting, received, start, effects)
  if (!answer || turn.refuse) return turn
  const act = actOf(waiting, { answer, value: signal.value }, start, turns.services.secrets)
  return { ...turn, send: [...(turn.send ?? []), act] }
}

async function resumeOrWait(
  turns: StepTurns,
  waiting: AwaitingCallback,
  received: CallbackResult,
  start: StepStart | undefined,
  effects: Effects,
): Promise<Turn<StepState>> {
  try {
    return await resumeJudged(turns, waiting, received, start, effects)
  } catch (error) {
    if (!PendingDecision.is(error)) throw error
    const { question, progress } = error
    const waits = await awaitCallback(start!, { ...question, key: waiting.key }, waiting, effects, progress)
    return { timers: { timeout: null }, ...waits }
  }
}

async function resumeJudged(
  turns: StepTurns,
  waiting: AwaitingCallback,
  received: CallbackResult,
  start: StepStart | undefined,
  effects: Effects,
): Promise<Turn<StepState>> {
  const ms = (await effects.now()) - waiting.since
  const off = 'problem' in received ? cancelRequest(waiting) : {}
  const sent: SentMark = {}
  const judgeIt = () => judge(turns, waiting, received, ms, start) as Promise<Json>
  try {
    const options = { ...effectOfAnswer(waiting.asking, waiting.question), sent }
    const judged = (await effects.run<Json>('store', judgeIt, options)) as JudgedEnd
    if (judged.type === 'decided') return turnAfterDecision(waiting, start!, judged, waiting.since + ms)
    if (judged.type === 'repeat') return repeatCall(waiting, start!, waiting.since + ms)
    if (judged.type === 'answered') return callWithAnswers(waiting, start!, judged, waiting.since + ms)
    const settled = judged.type === 'step-end' ? settledRecovery(waiting, judged) : undefined
    if (settled) return repeatCall(settled, start!, waiting.since + ms)
    return { ...off, ...turnAfter(waiting, await recoverJudged(turns, waiting, start, judged, effects), effects) }
  } catch (error) {
    if (isInterruption(error) || PendingDecision.is(error)) throw error
    const problem = problemOf(error)
    const { question, ...unknown } = await unknownIn(turns, waiting, start, { problem, sentAt: sent.at }, effects)
    if (question)
      return {
        timers: { timeout: null },
        ...(await awaitCallback(start!, question, waiting, effects)),
      }
    const end: StepEnd = { ...endOfWait(waiting, ms), status: 'failed', ...unknown }
    const settled = settledRecovery(waiting, end)
    if (settled) return { ...off, ...repeatCall(settled, start!, waiting.since + ms) }
    return { ...off, ...turnAfter(waiting, await recoverJudged(turns, waiting, start, end, effects), effects) }
  }
}

/** A call that went on with an answer, and was cut off, may have taken place. */
function unknownIn(
  turns: StepTurns,
  { key, attempts, asking }: AwaitingCallback,
  start: StepStart | undefined,
  { problem, sentAt }: { readonly problem: Problem; readonly sentAt: number | undefined },
  effects: Effects,
): UnknownOutcome | Promise<UnknownOutcome> {
  if (!start || asking !== TOOL_QUESTION || !isUnknown(start, problem)) return { problem }
  const call = { problem, key, attempts, sentAt, effect: 'store', asks: 'ask-whether-done' }
  return askWhetherDone({ ...turns, work: openWork(turns, start), start }, call, effects)
}

/** Applies the step's recovery. A step that started without a stored start message has none. */
async function recoverJudged(
  turns: StepTurns,
  waiting: AwaitingCallback,
  start: StepStart | undefined,
  end: GoingOn,
  effects: Effects,
): Promise<GoingOn> {
  if (end.type !== 'step-end' || !start) return end
  const work = openWork(turns, start)
  try {
    const recovered = end.status === 'failed' ? ((await work.recover?.({ start }, end, effects)) ?? end) : end
    return withDecision((await work.afterEnd?.({ start }, recovered, effects)) ?? recovered, start)
  } catch (error) {
    if (!isWait(error)) throw error
    // recovery must be possible at once: the callback is not repeated
    if (end.status === 'failed') return end
    const result = resultOf(end)
    return { ...endOfWait(waiting, end.ms), status: 'failed', problem: problemOf(error), ...(result && { result }) }
  }
}

/** The step has ended, or waits on. */
type GoingOn = Exclude<JudgedEnd, { readonly type: 'decided' | 'repeat' | 'answered' }>

/** The journaled verdict: the end of the step, or that it continues to wait. */
type JudgedEnd = StepEnd | Exclude<CallbackVerdict, { readonly type: 'result' }>

async function judge(
  turns: StepTurns,
  waiting: AwaitingCallback,
  received: CallbackResult,
  ms: number,
  start: StepStart | undefined,
): Promise<JudgedEnd> {
  const { services } = turns
  const { step, asking, question, key, run } = waiting
  const recorded = waiting.recovery ? undefined : start?.run.recorded
  const parameters = (await readRef(services.values, waiting.parameters)) as StepParameters
  const callFor = await callForOf(start?.run ?? { id: run.key, ...ownerField(waiting.owner) }, step, services.values)
  const about = { services, parameters, ms, key, callFor }
  const verdict = await handlerOf(turns, asking).take(question, received, about)
  if (verdict.type !== 'result') return verdict
  const { result, text, fields, problem, lacks = [], warnings } = verdict
  const status = problem ? 'failed' : 'completed'
  const shown = {
    ...(fields && { fields }),
    ...(text !== undefined && { text }),
    ...(problem && failureFields(problem, waiting.attempts)),
  }
  const value = { status, result, parameters, ...shown, duration: ms } as const
  const stored = await storeValue(services, value)
  const missing = lacks.length > 0 && { lacks: [...lacks], degraded: true as const }
  const ended = { ...endOfWait(waiting, ms), ...missing, ...(warnings && { warnings }) }
  const end: StepEnd = problem
    ? { ...ended, status: 'failed', problem, result: stored }
    : { ...ended, status: 'completed', result: stored, ...(waiting.memo && { memo: waiting.memo }) }
  return (recorded && (await openWork(turns, start!).compare?.(recorded, step, end))) ?? end
}

function turnAfter(waiting: AwaitingCallback, judged: GoingOn, { message }: Effects): Turn<StepState> {
  switch (judged.type) {
    case 'step-end':
      return { ...reportEnd(waiting, judged), ...refuseSender(waiting, judged, message.body) }
    case 'refused':
      return refuseAnswer({ ...waiting, question: judged.question }, judged.problem)
    case 'again': {
      const later: AwaitingCallback = { ...waiting, question: judged.question, later: message.correlationId }
      const again = { delay: judged.delay, body: { type: 'again' } }
      return { state: { awaiting: later }, timers: { timeout: null, again } }
    }
  }
}

/** The sender of a signal learns that the step failed. A person who lets a call fail is not refused. */
function refuseSender({ asking }: AwaitingCallback, end: StepEnd, body: Json): Turn<StepState> {
  return isSignal(body) && end.status === 'failed' && asking !== UNKNOWN_OUTCOME ? { refuse: end.problem } : {}
}

/** Whether the step asks a person. A step that waits for a signal takes it from programs, too. */
function isForPeople({ question: { to, body } }: AwaitingCallback): boolean {
  return isSignalTarget(to) && (body as { readonly kind?: string } | null)?.kind !== 'signal'
}

/** Refuses an unsuitable answer to its sender; the step continues to wait. */
function refuseAnswer(waiting: AwaitingCallback, problem: Problem): Turn<StepState> {
  const { to, body } = waiting.question
  return {
    state: { awaiting: waiting },
    refuse: problem,
    send: isSignalTarget(to) ? [expectSignal(waiting, to.signal, body)] : [],
  }
}

/** The handler of an answer, by the name under which its step asked. TerminalError when the tool no longer exists. */
function handlerOf({ services, works }: StepTurns, name: string): CallbackHandler {
  if (name === CALL_GATE) return callGate
  if (name === UNKNOWN_OUTCOME) return settleCall
  for (const { answers = {} } of Object.values(works)) if (Object.hasOwn(answers, name)) return answers[name]!
  return handlerOfTool(services, name)
}

import { needOf, type Problem, problemOf } from '../../../errors.ts'
import { isInterruption } from '../../../kernel/interrupt.ts'
import type { Json } from '../../../kernel/schema.ts'
import type { ActorIndex, ActorRef, Effects, Send, Turn } from '../../../kernel/types.ts'
import { ownerField } from '../../../lib/owner.ts'
import type { CallbackRequest, CallbackResult } from '../../plan/callback.ts'
import type { StepParameters } from '../../plan/compiled.ts'
import type { AwaitSignal } from '../../plan/messages/run.ts'
import type { StepEnd } from '../../plan/messages/step-end.ts'
import type { StepStart } from '../../plan/messages/step-start.ts'
import { readRef, type ValueRef } from '../../plan/refs.ts'
import { askTurning } from '../auto-tags/dynamic-route.ts'
import { askingOf, type Verdict } from '../callback/callback-tool.ts'
import type { PipelineServices } from '../context.ts'
import type { Ask } from '../outcome.ts'
import { opener, rescue } from '../recovery/recover.ts'
import { compared } from '../reuse.ts'
import { START, type StepState, type Waiting } from '../step-state.ts'
import { failureIn, storeValue } from '../values/step-values.ts'

/** Asks, and waits for the answer as long as the step may take. */
export async function putQuestion(
  start: StepStart,
  asked: Ask,
  { run, work }: Pick<Waiting, 'run' | 'work'>,
  effects: Effects,
): Promise<Turn<StepState>> {
  const { asking, question, key, attempts, parameters, looked } = asked
  const since = await effects.now()
  const about = { step: start.step, ...ownerField(start.provenance?.owner) }
  const waiting: Waiting = {
    run,
    work,
    ...about,
    asking,
    question,
    key,
    attempts,
    since,
    parameters,
    ...lookedOf(looked),
  }
  // who handles its failure needs to know it
  return { ...put(waiting, effects.self), parts: { [START]: start as unknown as Json } }
}

/** The question goes out; what was sent needs not be kept, what people are shown does. */
function put({ later: _, ...waiting }: Waiting, self: ActorRef): Turn<StepState> {
  const { question } = waiting
  const kept = isSignal(question.to) ? question : { ...question, body: null }
  const { limit } = question
  return {
    state: { waiting: { ...waiting, question: kept } },
    index: indexOf(waiting),
    send: [sendOf(waiting, self)],
    ...(limit !== undefined && { timers: { timeout: { delay: limit, body: { type: 'timeout' } } } }),
  }
}

function sendOf({ run, work, step, question }: Omit<Waiting, 'later'>, self: ActorRef): Send {
  const { to, body, work: own } = question
  if (isSignal(to)) return expect({ run, work, step }, to.signal, body)
  return { to, body, replyTo: self, ...(own !== undefined && { correlationId: own }) }
}

/** The run, which all signals go to, is told who waits for one. */
function expect({ run, work, step }: Pick<Waiting, 'run' | 'work' | 'step'>, signal: string, body: Json): Send {
  const { title = '' } = (body ?? {}) as { readonly title?: string }
  const message: AwaitSignal = { type: 'await', step, name: signal, title: title.slice(0, 200) }
  return { to: run, body: message as Json, type: 'event', correlationId: work }
}

/** Those that wait for a signal are listed by `antiphon inbox`. */
function indexOf({ run, step, owner, since, question: { to } }: Omit<Waiting, 'later'>): ActorIndex {
  if (!isSignal(to)) return { waits: `${to.kind}/${to.key}` }
  return { waits: `signal:${to.signal}`, inbox: 1, run: run.key, step, since, ...ownerField(owner) }
}

/** Whether what came from an actor is about the question that stands. */
export function concerns({ question: { to }, later }: Waiting, from: ActorRef | null): boolean {
  if (later !== undefined) return false
  return from === null || isSignal(to) || (from.kind === to.kind && from.key === to.key)
}

export function isSignal(to: CallbackRequest['to']): to is { readonly signal: string } {
  return 'signal' in to
}

/** The question is put again now that its time has come. */
export function putAgain(waiting: Waiting, self: ActorRef): Turn<StepState> {
  return waiting.later === undefined ? {} : put(waiting, self)
}

/** Judges what was heard, and tells the run how the step ended; a question that nobody answered is called off. */
export async function hear(
  services: PipelineServices,
  waiting: Waiting,
  heard: CallbackResult,
  effects: Effects,
): Promise<Turn<StepState>> {
  const ms = (await effects.now()) - waiting.since
  const off = 'problem' in heard ? callOff(waiting) : {}
  const start = (await effects.part(START)) as StepStart | undefined
  const judgeIt = () => judge(services, waiting, heard, ms, start?.recorded) as Promise<Json>
  try {
    const judged = await effects.run<Json>('store', judgeIt)
    return { ...off, ...follow(waiting, await rescued(services, start, judged as unknown as Judged, effects), effects) }
  } catch (error) {
    if (isInterruption(error)) throw error
    const end: StepEnd = { ...endOf(waiting, ms), status: 'failed', problem: problemOf(error) }
    return { ...off, ...follow(waiting, await rescued(services, start, end, effects), effects) }
  }
}

/** What began with code that knew no handlers is not known any more, and fails. */
async function rescued(
  services: PipelineServices,
  start: StepStart | undefined,
  end: Judged,
  effects: Effects,
): Promise<Judged> {
  if (end.type !== 'step-end' || !start) return end
  const aid = { services, open: opener(services, start), start }
  try {
    return await askTurning(aid, await rescue(aid, end, effects), effects)
  } catch (error) {
    if (needOf(error) === undefined) throw error
    // what helps after an answer has to be at hand: the answer itself is not waited for again
    return { ...end, status: 'failed', problem: end.problem ?? problemOf(error) }
  }
}

/** What was made of an answer, as it is journaled: how the step ended, or that it goes on waiting. */
type Judged = StepEnd | Exclude<Verdict, { readonly type: 'result' }>

async function judge(
  services: PipelineServices,
  waiting: Waiting,
  heard: CallbackResult,
  ms: number,
  recorded: ValueRef | undefined,
): Promise<Judged> {
  const { step, asking, question, key } = waiting
  const parameters = (await readRef(services.values, waiting.parameters)) as StepParameters
  const verdict = await askingOf(services, asking).take(question, heard, { services, parameters, ms, key })
  if (verdict.type !== 'result') return verdict
  const { result, text, problem } = verdict
  const status = problem ? 'failed' : 'completed'
  const about = { ...(text !== undefined && { text }), ...(problem && failureIn(problem, waiting.attempts)) }
  const value = { status, result, parameters, ...about, duration: ms } as const
  const stored = await storeValue(services, value)
  const end = { ...endOf(waiting, ms), status, result: stored, ...(problem && { problem }) } as const
  return recorded ? compared(services, recorded, step, end) : end
}

function endOf({ step, attempts, key, looked }: Waiting, ms: number): Omit<StepEnd, 'status'> {
  return { type: 'step-end', step, attempts, key, ms, ...lookedOf(looked) }
}

const lookedOf = (looked: string | undefined) => looked !== undefined && { looked }

function follow(waiting: Waiting, judged: Judged, { message }: Effects): Turn<StepState> {
  switch (judged.type) {
    case 'step-end':
      return { ...tell(waiting, judged), ...answerOf(judged, message.body) }
    case 'refused':
      return refuse({ ...waiting, question: judged.question }, judged.problem)
    case 'again': {
      const later: Waiting = { ...waiting, question: judged.question, later: message.correlationId }
      const again = { delay: judged.delay, body: { type: 'again' } }
      return { state: { waiting: later }, timers: { timeout: null, again } }
    }
  }
}

/** Who sent a signal hears what came of it. */
function answerOf({ problem }: StepEnd, body: Json): Turn<StepState> {
  if ((body as { readonly type?: string }).type !== 'signal') return {}
  return problem ? { refuse: problem } : { reply: { status: 'taken' } }
}

/** What came is no answer: who sent it is told, and the step goes on waiting. */
function refuse(waiting: Waiting, problem: Problem): Turn<StepState> {
  const { to, body } = waiting.question
  return { state: { waiting }, refuse: problem, send: isSignal(to) ? [expect(waiting, to.signal, body)] : [] }
}

/** The step was called off, and with it the question. */
export function cancelAsk(waiting: Waiting): Turn<StepState> {
  return { ...callOff(waiting), stop: true }
}

/** Nothing of its run is to go on: the step waits no longer. */
export function giveUpAsk(waiting: Waiting): Turn<StepState> {
  return { ...callOff(waiting), ...tell(waiting, { ...endOf(waiting, 0), status: 'skipped', reason: 'aborted' }) }
}

function callOff({ question: { to, work } }: Waiting): Turn<StepState> {
  if (work === undefined || isSignal(to)) return {}
  return { cancel: [{ of: to, correlationId: work, reason: 'its step was called off' }] }
}

function tell({ run, work }: Waiting, end: StepEnd): Turn<StepState> {
  return { send: [{ to: run, body: end as Json, type: 'response', correlationId: work }], stop: true }
}

/** What a step waited for that began with code that knew only questions to the chain. */
export function waitingOfOld(waiting: Json): Json {
  if (typeof waiting !== 'object' || waiting === null || 'question' in waiting) return waiting
  const { thread, ask, parameters = {}, ...rest } = waiting as { readonly [field: string]: Json }
  const question: CallbackRequest = { to: { kind: 'chain', key: String(thread) }, body: null, work: String(ask) }
  return { ...rest, asking: 'chain', question: question as unknown as Json, parameters: { inline: parameters } }
}

/** What is said of an answer that did not come in time. */
export const OVERDUE: Problem = {
  code: 'timeout',
  name: 'TimeoutError',
  message: 'the answer took longer than the step may',
}

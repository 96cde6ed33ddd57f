import { type Problem, problemOf, TerminalError } from '../errors.ts'
import { isInterruption } from '../kernel/interrupt.ts'
import type { Json } from '../kernel/schema.ts'
import type { ActorRef, Effects, Turn } from '../kernel/types.ts'
import { chainAsking } from './asking/chain.ts'
import type { Asking, Heard, Question } from './asking.ts'
import type { Parameters } from './compiled.ts'
import type { StepEnd, StepStart } from './messages.ts'
import type { StepState } from './step.ts'
import type { Ask } from './work/execute.ts'
import type { PipelineServices } from './work/job.ts'
import { storeValue } from './work/reads.ts'

/** A step that waits for an answer: whose it is, what it asked, and what to tell the run when the answer comes. */
export type Waiting = {
  readonly run: ActorRef
  /** the correlation id of the run, under which it expects the end of the step */
  readonly work: string
  readonly step: string
  /** who made the question and knows what its answer means */
  readonly asking: string
  readonly question: Question
  readonly key: string
  readonly attempts: number
  /** when it was asked: ms since the epoch */
  readonly since: number
  readonly parameters: Parameters
}

/** Asks, and waits for the answer as long as the step may take. */
export async function putQuestion({ step }: StepStart, asked: Ask, effects: Effects): Promise<Turn<StepState>> {
  const { message } = effects
  const { asking, question, key, attempts, parameters } = asked
  const since = await effects.now()
  const work = message.correlationId
  const waiting: Waiting = { run: message.replyTo!, work, step, asking, question, key, attempts, since, parameters }
  const { to, body, work: own, limit } = question
  return {
    state: { waiting },
    index: { waits: `${to.kind}/${to.key}` },
    send: [{ to, body, replyTo: effects.self, ...(own !== undefined && { correlationId: own }) }],
    ...(limit !== undefined && { timers: { timeout: { delay: limit, body: { type: 'timeout' } } } }),
  }
}

/** Judges what was heard, and tells the run how the step ended; a question that nobody answered is called off. */
export async function hear(
  services: PipelineServices,
  waiting: Waiting,
  heard: Heard,
  effects: Effects,
): Promise<Turn<StepState>> {
  const ms = (await effects.now()) - waiting.since
  const off = 'problem' in heard ? callOff(waiting) : {}
  try {
    const end = await effects.run<Json>('store', () => judge(services, waiting, heard, ms) as Promise<Json>)
    return { ...off, ...tell(waiting, end as unknown as StepEnd) }
  } catch (error) {
    if (isInterruption(error)) throw error
    return { ...off, ...tell(waiting, { ...endOf(waiting, ms), status: 'failed', problem: problemOf(error) }) }
  }
}

async function judge(services: PipelineServices, waiting: Waiting, heard: Heard, ms: number): Promise<StepEnd> {
  const { parameters, asking, question } = waiting
  const verdict = await askingOf(services, asking).take(question, heard, { services, parameters, ms })
  const { result, text, problem } = verdict
  const status = problem ? 'failed' : 'completed'
  const value = { status, result, parameters, ...(text !== undefined && { text }), duration: ms } as const
  return { ...endOf(waiting, ms), status, result: await storeValue(services, value), ...(problem && { problem }) }
}

function endOf({ step, attempts, key }: Waiting, ms: number): Omit<StepEnd, 'status'> {
  return { type: 'step-end', step, attempts, key, ms }
}

/** Who makes a kind of question; TerminalError when there is no such kind any more. */
export function askingOf(_services: PipelineServices, name: string): Asking {
  if (name === 'chain') return chainAsking
  throw new TerminalError(`nobody here knows what to make of an answer for ${name}`, { code: 'unknown_tool' })
}

/** The step was called off, and with it the question. */
export function cancelAsk(waiting: Waiting): Turn<StepState> {
  return { ...callOff(waiting), stop: true }
}

function callOff({ question: { to, work } }: Waiting): Turn<StepState> {
  if (work === undefined) return {}
  return { cancel: [{ of: to, correlationId: work, reason: 'its step was called off' }] }
}

function tell({ run, work }: Waiting, end: StepEnd): Turn<StepState> {
  return { send: [{ to: run, body: end as Json, type: 'response', correlationId: work }], stop: true }
}

/** What a step waited for that began with code that knew only questions to the chain. */
export function waitingOfOld(waiting: Json): Json {
  if (typeof waiting !== 'object' || waiting === null || 'question' in waiting) return waiting
  const { thread, ask, ...rest } = waiting as { readonly [field: string]: Json }
  const question: Question = { to: { kind: 'chain', key: String(thread) }, body: null, work: String(ask) }
  return { ...rest, asking: 'chain', question: question as unknown as Json }
}

/** What is said of an answer that did not come in time. */
export const OVERDUE: Problem = {
  code: 'timeout',
  name: 'TimeoutError',
  message: 'the answer took longer than the step may',
}

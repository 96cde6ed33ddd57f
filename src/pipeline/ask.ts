import { type Problem, problemOf } from '../errors.ts'
import { childId } from '../kernel/commit.ts'
import { isInterruption } from '../kernel/interrupt.ts'
import type { Json } from '../kernel/schema.ts'
import type { ActorRef, Effects, Turn } from '../kernel/types.ts'
import type { Parameters } from './compiled.ts'
import type { StepEnd, StepStart } from './messages.ts'
import type { StepState } from './step.ts'
import type { Ref } from './values.ts'
import type { Ask } from './work/execute.ts'
import type { PipelineServices } from './work/job.ts'
import { storeValue } from './work/reads.ts'

/** A question put to the chain: whose step it is, and what to tell the run when the answer comes. */
export type Waiting = {
  readonly run: ActorRef
  /** the correlation id of the run, under which it expects the end of the step */
  readonly work: string
  readonly step: string
  readonly thread: string
  readonly ask: string
  readonly key: string
  readonly attempts: number
  /** when it was asked: ms since the epoch */
  readonly since: number
  readonly parameters: Parameters
}

/** Puts the question to its thread, as an ask of its own, and waits for the answer as long as the step may take. */
export async function askChain({ step }: StepStart, asked: Ask, effects: Effects): Promise<Turn<StepState>> {
  const { message, self } = effects
  const { thread, ask, key, attempts, parameters, timeout } = asked
  const id = `ask_${childId(message.id, 'ask')}`
  const since = await effects.now()
  const waiting: Waiting = {
    run: message.replyTo!,
    work: message.correlationId,
    step,
    thread,
    ask: id,
    key,
    attempts,
    since,
    parameters,
  }
  return {
    state: { waiting },
    index: { waits: `chain/${thread}` },
    send: [{ to: chainRef(thread), body: ask, replyTo: self, correlationId: id }],
    ...(timeout !== undefined && { timers: { timeout: { delay: timeout, body: { type: 'timeout' } } } }),
  }
}

/** The answer is the step's result. */
export async function endAsk(
  services: PipelineServices,
  waiting: Waiting,
  reply: Answer,
  effects: Effects,
): Promise<Turn<StepState>> {
  const { key, attempts, step, parameters } = waiting
  const ms = (await effects.now()) - waiting.since
  const status = reply.status === 'completed' ? 'completed' : 'failed'
  const text = typeof reply.answer === 'string' ? reply.answer : ''
  const value = { status, result: reply as Json, parameters, text, duration: ms } as const
  const end = { type: 'step-end', step, status, attempts, key, ms } as const
  try {
    const result = await effects.run<Ref>('store', () => storeValue(services, value))
    return tell(waiting, { ...end, result, ...(status === 'failed' && { problem: UNANSWERED }) })
  } catch (error) {
    if (isInterruption(error)) throw error
    return tell(waiting, { ...end, status: 'failed', problem: problemOf(error) })
  }
}
export type Answer = { readonly [field: string]: Json | undefined }

const UNANSWERED: Problem = {
  code: 'chain_failed',
  name: 'TerminalError',
  message: 'the chain gave no answer',
  terminal: true,
}

/** The step fails; the question is called off. */
export function failAsk(waiting: Waiting, problem: Problem): Turn<StepState> {
  const { step, attempts, key } = waiting
  return {
    ...callOff(waiting),
    ...tell(waiting, { type: 'step-end', step, status: 'failed', attempts, key, ms: 0, problem }),
  }
}

/** The step was called off, and with it the question. */
export function cancelAsk(waiting: Waiting): Turn<StepState> {
  return { ...callOff(waiting), stop: true }
}

function callOff({ thread, ask }: Waiting): Turn<StepState> {
  return { cancel: [{ of: chainRef(thread), correlationId: ask, reason: 'its step was called off' }] }
}

function tell({ run, work }: Waiting, end: StepEnd): Turn<StepState> {
  return { send: [{ to: run, body: end as Json, type: 'response', correlationId: work }], stop: true }
}

const chainRef = (thread: string): ActorRef => ({ kind: 'chain', key: thread })

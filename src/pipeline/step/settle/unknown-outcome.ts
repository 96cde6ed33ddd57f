import type { Problem } from '../../../errors.ts'
import { isInterruption } from '../../../kernel/faults.ts'
import type { Json } from '../../../kernel/schema.ts'
import type { EffectCall, Effects } from '../../../kernel/types.ts'
import { callSignal } from '../../../step/messages/call-decision.ts'
import type { CallbackRequest } from '../../../step/messages/callback.ts'
import { SETTLEMENTS } from '../../../step/messages/settlement.ts'
import { storeRef, type ValueRef } from '../../../step/values.ts'
import { isPartInDoubt } from '../../../tool/once/call-parts.ts'
import type { CompiledStep } from '../../plan/compiled.ts'
import { stepOf } from '../../plan/instance.ts'
import type { PipelineStepStart } from '../../plan/messages/step-order.ts'
import { calledTool, callParameters } from '../approval/called-tool.ts'
import { openContext, type StepAttempt } from '../attempt.ts'
import type { PendingCallback } from '../outcome.ts'

/** The name of the handler of unknown outcomes. */
export const UNKNOWN_OUTCOME = 'unknown-outcome'

/** A call that may have taken place. */
type DoubtfulCall = {
  readonly problem: Problem
  /** the idempotency key of the call, and the attempts at it so far */
  readonly key: string
  readonly attempts: number
  /** the effect that made the call, and the one that asks */
  readonly effect: string
  readonly asks: string
  /** the step of a handler that made it, with the values that it sees; absent: the step itself */
  readonly acting?: { readonly step: CompiledStep; open(call: EffectCall): Promise<StepAttempt['as']> }
}

/**
 * The failure of a call with an unknown outcome, which names the
 * tool, and the question to a person if the step waits for one.
 */
export type UnknownOutcome = { readonly problem: Problem; readonly question?: PendingCallback }

/** Whether an at-most-once call of the step, or such a part of its call, may have taken place. */
export function isUnknown({ policy }: PipelineStepStart, problem: Problem): boolean {
  return (problem.code === 'unknown' && policy.effect === 'at-most-once') || isPartInDoubt(problem)
}

/**
 * Makes the question to a person whether a call took place. Asks nobody if the work above decides (`failsOnUnknown`),
 * or if a handler of the step names exactly this failure.
 */
export async function askWhetherDone(
  attempt: Pick<StepAttempt, 'services' | 'open' | 'start'>,
  { problem, key, attempts, effect, asks, acting }: DoubtfulCall,
  { run, self, emit }: Effects,
): Promise<UnknownOutcome> {
  const { services, open, start } = attempt
  const look = async (call: EffectCall) => {
    const pipeline = await open()
    const step = stepOf(pipeline, start.step)
    const called = calledTool((acting?.step ?? step).work, services)?.name
    const tool = called ?? `the work of ${step.id}`
    const name = acting ? `${tool}, which a handler of ${step.id} called,` : tool
    const isCutOff = problem.message.startsWith(`${effect} `)
    const shown = isCutOff ? { ...problem, message: name + problem.message.slice(effect.length) } : problem
    if (start.run.failsOnUnknown || (!acting && isHandled(step))) return { problem: shown }
    const parameters = await parametersIn({ ...attempt, call, self, emit }, acting?.open)
    const title = `Did ${name} take place? ${isCutOff ? 'It was interrupted.' : shown.message}`
    const question = {
      type: 'ask',
      asking: UNKNOWN_OUTCOME,
      ...(called !== undefined && { tool: called }),
      key,
      attempts,
      question: requestOf(title, start, parameters, shown),
      parameters: parameters ?? (await storeRef(services.values, {})),
    } as const
    return { problem: shown, question }
  }
  return (await run<Json>(asks, look as (call: EffectCall) => Promise<Json>)) as unknown as UnknownOutcome
}

/** Whether the author said what follows from an unknown outcome. */
function isHandled({ recovery }: CompiledStep): boolean {
  return (recovery?.recoveries ?? []).some(
    ({ when }) => when.types.includes('UnknownError') || when.codes.includes('unknown'),
  )
}

/** The parameters of the call, for people; undefined if they can no longer be rendered. */
async function parametersIn(
  attempt: StepAttempt,
  open: NonNullable<DoubtfulCall['acting']>['open'] = async () => undefined,
): Promise<ValueRef | undefined> {
  try {
    const as = await open(attempt.call)
    const context = await openContext(as ? { ...attempt, as } : attempt)
    const tool = calledTool(context.step.work, context.services)
    return tool && (await storeRef(context.services.values, (await callParameters(tool, context)).parameters))
  } catch (error) {
    if (attempt.call.signal.aborted || isInterruption(error)) throw error
    return undefined
  }
}

function requestOf(
  title: string,
  { step }: PipelineStepStart,
  content: ValueRef | undefined,
  problem: Problem,
): CallbackRequest {
  const body = {
    kind: 'unknown',
    title: title.slice(0, MAX_TITLE_CHARS),
    ...(content && { content }),
    expects: { type: 'settlement', choices: SETTLEMENTS },
  }
  return { to: { signal: callSignal(step) }, body: body as Json, memo: problem as Json }
}

const MAX_TITLE_CHARS = 1000

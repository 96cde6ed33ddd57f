import { TerminalError } from '../../../errors.ts'
import { isInterruption } from '../../../kernel/faults.ts'
import type { PendingCallback } from '../../../step/attempt/outcome.ts'
import { storeValue, valueOfStep } from '../../../step/call/step-value.ts'
import type { CompletedOutcome, FailedOutcome, StepOutcome, StepValue } from '../../../step/record/outcome.ts'
import { toStepRead } from '../../../step/record/outcome.ts'
import { readRef } from '../../../step/values.ts'
import type { CompiledPipeline, CompiledStep, Recovery } from '../../plan/compiled.ts'
import { compiledStepAt, withoutCondition } from '../../plan/compiled.ts'
import { instanceOf } from '../../plan/instance.ts'
import { findCallGate } from '../approval/call-gate.ts'
import type { PipelineAttempt } from '../attempt.ts'
import { execute } from '../execute.ts'
import { errorForHandler, matchesFailure } from '../failure.ts'
import { isTrue, renderAll } from '../templates/render.ts'
import { templateScope } from '../templates/scope.ts'
import { loadValues } from '../values/step-values.ts'

type HandlerOf = { readonly attempt: PipelineAttempt; readonly failed: FailedOutcome; readonly rescue: Recovery }

/** A failed step, the recovery to try, and the name of its call. `settled`: the outcome of the call, not made again. */
type HandlerCall = HandlerOf & { readonly call: string; readonly settled?: StepOutcome }

/** Whether the handler applied to the failure, the end of its action if it has one, and its text. */
export type HandlerResult = { readonly fits: boolean; readonly ended?: StepOutcome; readonly said?: string }

/** Runs a handler, if it applies to this failure. */
export async function runHandler({ attempt, failed, rescue, call, settled }: HandlerCall): Promise<HandlerResult> {
  const place = await openHandlerPosition(attempt, failed, rescue)
  const { value } = place
  if (!applies(place, failed, rescue)) return { fits: false }
  const step = handlerStep(place.pipeline, place.step, rescue)
  if (!step) return { fits: true, ...handlerText(rescue, place) }
  const outcome = settled ?? (await execute({ ...attempt, as: { step, value, error: place.error, call } }))
  if ('type' in outcome || outcome.status === 'iterating')
    throw new TerminalError(`${rescue.by} waits for an answer, but a handler cannot wait.`)
  const answer = rescue.says === undefined ? undefined : await answerText(attempt, outcome)
  return { fits: true, ended: outcome, ...(answer ?? handlerText(rescue, place)) }
}

/** The question to a person before a handler's call for this failure; undefined if nobody must approve it. */
export async function gateOfHandler({
  attempt,
  failed,
  rescue,
  call,
}: HandlerCall): Promise<PendingCallback | undefined> {
  try {
    const as = await positionOfHandler({ attempt, failed, rescue, call })
    return as && (await findCallGate({ ...attempt, as }, call))
  } catch (error) {
    if (attempt.call.signal.aborted || isInterruption(error)) throw error
    // the handler itself reports the fault, and makes no call without a decision
    return undefined
  }
}

/** The step that a handler runs and the values it sees; undefined if it runs none, or is not for this failure. */
export async function positionOfHandler({
  attempt,
  failed,
  rescue,
  call,
}: HandlerCall): Promise<PipelineAttempt['as']> {
  const place = await openHandlerPosition(attempt, failed, rescue)
  const step = applies(place, failed, rescue) ? handlerStep(place.pipeline, place.step, rescue) : undefined
  return step && { step, value: place.value, error: place.error, call }
}

function applies({ value, pipeline, scope }: HandlerPosition, { problem }: FailedOutcome, { when }: Recovery): boolean {
  if (!matchesFailure(when, problem, value.result)) return false
  const { enabled } = when
  return enabled !== false && (typeof enabled !== 'string' || isTrue(enabled, pipeline, scope))
}

/** The text that an action returned, such as a line that it echoed. */
async function answerText(
  { services }: PipelineAttempt,
  outcome: StepOutcome,
): Promise<Pick<HandlerResult, 'said'> | undefined> {
  if (outcome.status !== 'completed') return undefined
  const { result } = (await readRef(services.values, outcome.result)) as StepValue
  return typeof result === 'string' ? { said: result } : undefined
}

function handlerText(
  { says }: Recovery,
  { pipeline, scope }: Pick<HandlerPosition, 'pipeline' | 'scope'>,
): Pick<HandlerResult, 'said'> {
  if (says === undefined) return {}
  const said = renderAll(says, pipeline, scope, ['handler_action'])
  return { said: typeof said === 'string' ? said : JSON.stringify(said) }
}

export async function fallbackValueEnd({ attempt, failed, rescue }: HandlerOf): Promise<CompletedOutcome> {
  const { pipeline, scope } = await openHandlerPosition(attempt, failed, rescue)
  const result = renderAll(rescue.value!.authored, pipeline, scope, ['fallback_value'])
  const value: StepValue = { status: 'completed', result, duration: failed.ms }
  const { attempts, ms } = failed
  return { status: 'completed', attempts, ms, result: await storeValue(attempt.services, value) }
}

/** The step that a handler runs; undefined when it runs none. */
function handlerStep(pipeline: CompiledPipeline, step: CompiledStep, rescue: Recovery): CompiledStep | undefined {
  const limited = (acting: CompiledStep) =>
    rescue.timeout === undefined ? acting : { ...acting, policy: { ...acting.policy, timeout: rescue.timeout } }
  if (rescue.node !== undefined) return limited(compiledStepAt(pipeline, rescue.node))
  if (rescue.action) return limited(rescue.action)
  const { work } = step
  if (rescue.model === undefined || work.type !== 'text') return undefined
  return { ...withoutCondition(step), work: { ...work, parameters: { ...work.parameters, model: rescue.model } } }
}

type HandlerPosition = Awaited<ReturnType<typeof openHandlerPosition>>

async function openHandlerPosition(
  { services, open, start }: PipelineAttempt,
  failed: FailedOutcome,
  rescue: Recovery,
) {
  const pipeline = await open()
  const instance = instanceOf(pipeline, start.step)
  const value = await valueOfStep(toStepRead(failed), services.values)
  const error = errorForHandler(start.step, value, rescue.context === true)
  const { inputs, reads, lists } = await loadValues(pipeline, instance, start, services)
  const seen = { ...reads, [instance.node]: value }
  const { run, work } = start
  const { views: loops = {} } = work.order.loop ?? {}
  const scope = templateScope({ pipeline, instance, inputs, reads: seen, run, loops, lists, error })
  return { pipeline, step: compiledStepAt(pipeline, instance.node), value, error, scope }
}

import { TerminalError } from '../../../errors.ts'
import type { Json } from '../../../kernel/schema.ts'
import { toStepRead } from '../../plan/batching.ts'
import { type CompiledPipeline, type CompiledStep, compiledStepAt, type Recovery } from '../../plan/compiled.ts'
import { parseInstance } from '../../plan/instance.ts'
import type { StepEnd, StepOutcome } from '../../plan/messages/step-end.ts'
import { readRef } from '../../plan/refs.ts'
import type { StepValue } from '../../plan/step-outcome.ts'
import type { Trial } from '../attempt.ts'
import { execute } from '../execute.ts'
import { errorOf, isFor } from '../failure.ts'
import { holds, renderAll } from '../templates/render.ts'
import { scopeOf } from '../templates/scope.ts'
import { loadValues, storeValue, valueOfStep } from '../values/step-values.ts'

/** A step that failed, and what is tried because of it. */
export type Call = { readonly trial: Trial; readonly failed: StepEnd; readonly rescue: Recovery }

/** Whether something was for this failure, what came of what it did, if it did anything, and what is noted of it. */
export type Help = { readonly fits: boolean; readonly ended?: StepOutcome; readonly said?: string }

/** Does what a rescue says, if it is for this failure. */
export async function help({ trial, failed, rescue }: Call): Promise<Help> {
  const place = await openPlace(trial, failed, rescue)
  const { value } = place
  if (!failed.problem || !isFor(rescue.when, failed.problem, value.result)) return { fits: false }
  const { enabled } = rescue.when
  if (enabled === false || (typeof enabled === 'string' && !holds(enabled, place.pipeline, place.scope)))
    return { fits: false }
  const step = actingStep(place.pipeline, place.step, rescue)
  if (!step) return { fits: true, ...saidBy(rescue, place) }
  const outcome = await execute({ ...trial, as: { step, value, error: place.error } })
  if ('type' in outcome) throw new TerminalError(`${rescue.by} waits for an answer, which is no help at once`)
  const answer = rescue.says === undefined ? undefined : await answerOf(trial, outcome)
  return { fits: true, ended: outcome, ...(answer ?? saidBy(rescue, place)) }
}

/** The text that an action answered with, such as a line that is echoed. */
async function answerOf({ services }: Trial, { status, result }: StepOutcome): Promise<Pick<Help, 'said'> | undefined> {
  const value = status === 'completed' && result ? ((await readRef(services.values, result)) as StepValue) : undefined
  return typeof value?.result === 'string' ? { said: value.result } : undefined
}

/** The words of a handler, rendered. */
function saidBy({ says }: Recovery, { pipeline, scope }: Pick<Place, 'pipeline' | 'scope'>): Pick<Help, 'said'> {
  if (says === undefined) return {}
  const said = renderAll(says, pipeline, scope, ['handler_action'])
  return { said: typeof said === 'string' ? said : JSON.stringify(said) }
}

/** The value that stands in for the result of a step that failed. */
export async function standIn({ trial, failed, rescue }: Call): Promise<StepOutcome> {
  const { pipeline, scope } = await openPlace(trial, failed, rescue)
  const result = renderAll(rescue.value!.authored, pipeline, scope, ['fallback_value'])
  const value: StepValue = { status: 'completed', result, duration: failed.ms }
  const { attempts, ms } = failed
  return { status: 'completed', attempts, ms, result: await storeValue(trial.services, value) }
}

/** What a rescue does in place of the step, or for it; undefined: nothing. */
function actingStep(pipeline: CompiledPipeline, step: CompiledStep, rescue: Recovery): CompiledStep | undefined {
  const limited = (acting: CompiledStep) =>
    rescue.timeout === undefined ? acting : { ...acting, timeout: rescue.timeout }
  if (rescue.node !== undefined) return limited(compiledStepAt(pipeline, rescue.node))
  if (rescue.action) return limited(rescue.action)
  const { condition: _, ...unconditional } = step
  const { work } = step
  if (rescue.model === undefined || work.type !== 'text') return undefined
  return { ...unconditional, work: { ...work, parameters: { ...work.parameters, model: rescue.model } } }
}

type Place = Awaited<ReturnType<typeof openPlace>>

async function openPlace({ services, open, start }: Trial, failed: StepEnd, rescue: Recovery) {
  const pipeline = await open()
  const instance = parseInstance(pipeline, start.step)!
  const value = await valueOfStep(toStepRead(failed), services.values)
  const error = errorOf(start.step, value, rescue.context === true)
  const { inputs, reads, lists } = await loadValues(pipeline, instance, start, services)
  const seen = { ...reads, [instance.node]: value }
  const { run, loops = {} } = start
  const scope = scopeOf({ pipeline, instance, inputs, reads: seen, run, loops, lists, error })
  return { pipeline, step: compiledStepAt(pipeline, instance.node), value, error: error as Json, scope }
}

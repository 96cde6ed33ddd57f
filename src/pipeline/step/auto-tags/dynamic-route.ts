import { type Problem, problemOf } from '../../../errors.ts'
import type { Json } from '../../../kernel/schema.ts'
import type { EffectCall, Effects } from '../../../kernel/types.ts'
import { present } from '../../../lib/json/present.ts'
import { tagEffectName } from '../../../step/batch/effect-names.ts'
import { valueOfStep } from '../../../step/call/step-value.ts'
import type { StepEnd } from '../../../step/messages/step-end.ts'
import { withOrder } from '../../../step/messages/step-start.ts'
import { toStepRead } from '../../../step/record/outcome.ts'
import type { ValueRef } from '../../../step/values.ts'
import { mustPropagate } from '../../../work/suspension.ts'
import { type CompiledPipeline, type CompiledStep, withoutCondition } from '../../plan/compiled.ts'
import { stepOf } from '../../plan/instance.ts'
import type { PipelineStepStart } from '../../plan/messages/step-order.ts'
import type { DynamicRoute } from '../../plan/routing.ts'
import { openContext, type PipelineAttempt } from '../attempt.ts'
import { renderAll } from '../templates/render.ts'
import { resolveTags, withTagUses } from './resolve-tags.ts'

type RouteCaller = Pick<PipelineAttempt, 'services' | 'open' | 'start'>

/**
 * Adds the target of its route to the end of a step, if a model chooses the target. The model is asked once the step
 * has ended, about the result. A step without a valid target has failed.
 */
export function resolveDynamicRoute(asker: RouteCaller, end: StepEnd, effects: Effects): StepEnd | Promise<StepEnd> {
  if (end.goto !== undefined) return end
  const opened = asker.open()
  if (opened instanceof Promise) return opened.then(() => resolveDynamicRoute(asker, end, effects))
  const turning = dynamicRouteOf(opened, asker.start, end)
  return turning ? chooseTarget(asker, turning, end, effects) : end
}

async function chooseTarget(
  asker: RouteCaller,
  turning: DynamicRoute,
  end: StepEnd,
  effects: Effects,
): Promise<StepEnd> {
  const value = await valueOfStep(toStepRead(end), asker.services.values)
  const as = { step: routingStep(await asker.open(), asker.start, turning), value }
  const start = withOrder(asker.start, { answers: [] })
  const answered = await resolveTags({ ...asker, start, as }, effects, 'goto:')
  const { start: resolved, problem, reply } = answered
  const asked = withTagUses(end, answered)
  if (problem) return failedRouting(asked, problem, reply)
  try {
    const tell = (call: EffectCall) =>
      renderTarget({ ...asker, start: resolved, as, call, self: effects.self, emit: effects.emit }, turning)
    const goto = String(await effects.run<Json>(tagEffectName(start.step, 'goto'), tell)).trim()
    return turning.to.includes(goto) ? { ...asked, goto } : failedRouting(asked, notATarget(goto, turning))
  } catch (error) {
    if (mustPropagate(error)) throw error
    return failedRouting(asked, problemOf(error))
  }
}

function dynamicRouteOf(
  pipeline: CompiledPipeline,
  { step }: PipelineStepStart,
  end: StepEnd,
): DynamicRoute | undefined {
  const dynamicRoutes = stepOf(pipeline, step).routing?.dynamicRoutes
  if (end.status === 'completed') return dynamicRoutes?.success
  return end.status === 'skipped' && end.reason === 'condition_false' ? dynamicRoutes?.false : undefined
}

/** A step that only renders the target of the route. */
function routingStep(
  pipeline: CompiledPipeline,
  { step }: PipelineStepStart,
  { text, autoTags }: DynamicRoute,
): CompiledStep {
  const own = stepOf(pipeline, step)
  const { artifact: _, ...asking } = withoutCondition(own)
  return { ...asking, model: { ...own.model, autoTags }, work: { type: 'outputs', values: { goto: text } } }
}

async function renderTarget(attempt: Parameters<typeof openContext>[0], { text }: DynamicRoute): Promise<Json> {
  const { pipeline, scope } = await openContext(attempt)
  return renderAll(text, pipeline, scope, ['goto'])
}

function notATarget(goto: string, { to }: DynamicRoute): Problem {
  const message = `goto: expected one of ${to.join(', ').slice(0, 500)}, got ${JSON.stringify(goto.slice(0, 100))}`
  return { code: 'auto_invalid', name: 'TerminalError', message, terminal: true }
}

/** The failure of a step with an invalid route. Nothing continues from its result, so the model's `reply` stays. */
function failedRouting(end: StepEnd, problem: Problem, reply?: ValueRef): StepEnd {
  const { type, step, key, attempts, ms, models, degraded, lacks, recovery, reuse, standby } = end
  const artifact = end.status === 'completed' ? end.artifact : undefined
  const optional = present({ result: reply, key, models, degraded, lacks, recovery, reuse, standby, artifact })
  return { type, step, status: 'failed', attempts, ms, problem, ...optional }
}

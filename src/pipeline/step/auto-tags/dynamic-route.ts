import { endsTurn } from '../../../budget/waiting.ts'
import { type Problem, problemOf } from '../../../errors.ts'
import type { Json } from '../../../kernel/schema.ts'
import type { EffectCall, Effects } from '../../../kernel/types.ts'
import { toStepRead } from '../../plan/batching.ts'
import { type CompiledPipeline, type CompiledStep, compiledStepAt, type DynamicRoute } from '../../plan/compiled.ts'
import { parseInstance } from '../../plan/instance.ts'
import type { StepEnd } from '../../plan/messages/step-end.ts'
import type { StepStart } from '../../plan/messages/step-start.ts'
import { openJob, type Trial } from '../attempt.ts'
import { renderAll } from '../templates/render.ts'
import { valueOfStep } from '../values/step-values.ts'
import { askFirst, askName, withUses } from './resolve-tags.ts'

type Asker = Pick<Trial, 'services' | 'open' | 'start'>

/**
 * The end of a step with where it goes on, where a model is to tell that: it is asked once the step has ended, about what it came to.
 * A step that nobody can tell the way of has failed.
 */
export function askTurning(asker: Asker, end: StepEnd, effects: Effects): StepEnd | Promise<StepEnd> {
  if (end.goto !== undefined) return end
  const opened = asker.open()
  if (opened instanceof Promise) return opened.then(() => askTurning(asker, end, effects))
  const turning = turningOf(opened, asker.start, end)
  return turning ? turn(asker, turning, end, effects) : end
}

async function turn(asker: Asker, turning: DynamicRoute, end: StepEnd, effects: Effects): Promise<StepEnd> {
  const value = await valueOfStep(toStepRead(end), asker.services.values)
  const as = { step: askingStep(await asker.open(), asker.start, turning), value }
  const { answers: _, ...start } = asker.start
  const answered = await askFirst({ ...asker, start, as }, effects, 'goto:')
  const { start: told, problem } = answered
  const asked = withUses(end, answered)
  if (problem) return lost(asked, problem)
  try {
    const tell = (call: EffectCall) =>
      targetOf({ ...asker, start: told, as, call, self: effects.self, emit: effects.emit }, turning)
    const goto = String(await effects.run<Json>(askName(start.step, 'goto'), tell)).trim()
    return turning.to.includes(goto) ? { ...asked, goto } : lost(asked, noStep(goto, turning))
  } catch (error) {
    if (endsTurn(error)) throw error
    return lost(asked, problemOf(error))
  }
}

function turningOf(
  pipeline: CompiledPipeline,
  { step }: StepStart,
  { status, reason }: StepEnd,
): DynamicRoute | undefined {
  const { turnings } = compiledStepAt(pipeline, parseInstance(pipeline, step)!.node)
  if (status === 'completed') return turnings?.success
  return reason === 'condition_false' ? turnings?.false : undefined
}

/** A step that does nothing but render where to go. */
function askingStep(pipeline: CompiledPipeline, { step }: StepStart, { text, autos }: DynamicRoute): CompiledStep {
  const own = compiledStepAt(pipeline, parseInstance(pipeline, step)!.node)
  const { condition: _, artifact: __, ...asking } = own
  return { ...asking, autos, work: { type: 'outputs', values: { goto: text } } }
}

async function targetOf(trial: Parameters<typeof openJob>[0], { text }: DynamicRoute): Promise<Json> {
  const { pipeline, scope } = await openJob(trial)
  return renderAll(text, pipeline, scope, ['goto'])
}

function noStep(goto: string, { to }: DynamicRoute): Problem {
  const message = `goto: ${JSON.stringify(goto.slice(0, 100))} is none of the steps it may go on with: ${to.join(', ').slice(0, 500)}`
  return { code: 'auto_invalid', name: 'TerminalError', message, terminal: true }
}

function lost({ reason: _, result: __, ...end }: StepEnd, problem: Problem): StepEnd {
  return { ...end, status: 'failed', problem }
}

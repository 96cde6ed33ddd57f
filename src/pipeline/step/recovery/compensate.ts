import { type Problem, problemOf } from '../../../errors.ts'
import { runRef } from '../../../house/actors.ts'
import { isInterruption } from '../../../kernel/faults.ts'
import { justBeforePrefix } from '../../../kernel/parts.ts'
import type { Json } from '../../../kernel/schema.ts'
import type { EffectCall, Effects, Send, Turn } from '../../../kernel/types.ts'
import type { StepState } from '../../../step/attempt/step-state.ts'
import { UNDO_EFFECT } from '../../../step/batch/effect-names.ts'
import { decodeStep } from '../../../step/messages/codec.ts'
import { hasEnded, stepPartName, wasMade } from '../../../step/record/outcome.ts'
import type { UndoneStep } from '../../../step/record/step.ts'
import { readRef, storeRef, type ValueRef } from '../../../step/values.ts'
import { type CompiledStep, compiledStepAt } from '../../plan/compiled.ts'
import { parseInstance } from '../../plan/instance.ts'
import type { PipelineUndoStart } from '../../plan/messages/step-order.ts'
import { openPipeline } from '../../plan/open-pipeline.ts'
import type { PipelineServices } from '../context.ts'
import { type Compensation, compensateStep } from './compensate-step.ts'

/** The number of steps that one turn compensates. */
const MAX_COMPENSATIONS_PER_TURN = 32

/** Compensates some steps, each in an effect of its own, and continues by a message to itself. */
export async function compensateNext(
  services: PipelineServices,
  start: PipelineUndoStart,
  effects: Effects,
): Promise<Turn<StepState>> {
  const list =
    start.list ??
    ((await effects.run<Json>('plan', () => planCompensation(services, start) as Promise<Json>)) as ValueRef)
  const ids = (await readRef(services.values, list)) as readonly string[]
  const steps: UndoneStep[] = []
  for (const step of ids.slice(start.from, start.from + MAX_COMPENSATIONS_PER_TURN))
    steps.push(await compensateOne(services, start, step, effects))
  const last = ids.length <= start.from + MAX_COMPENSATIONS_PER_TURN
  const { replyTo } = effects.message
  const notice: Send = { to: replyTo!, body: { type: 'undone', steps, last }, type: 'event' }
  if (last) return { send: [notice], stop: true }
  const more = { ...start, list, from: start.from + MAX_COMPENSATIONS_PER_TURN }
  return { send: [notice, { to: effects.self, body: more, replyTo: replyTo! }] }
}

/** The steps whose work was done and may have changed something, last one first. */
async function planCompensation(
  { values, readParts }: PipelineServices,
  { work, run }: PipelineUndoStart,
): Promise<ValueRef> {
  const pipeline = await openPipeline(values, work.order.pipeline)
  const found: { readonly id: string; readonly order: number }[] = []
  const prefix = stepPartName('')
  for await (const [name, part] of readParts(runRef(run.id), { prefix, after: justBeforePrefix(prefix) })) {
    const step = decodeStep(part)
    const id = name.slice(prefix.length)
    const instance = parseInstance(pipeline, id)
    // this run did not do the work of a reused step, nor that of a replaced one
    if (!step || !hasEnded(step) || step.attempts === 0 || !wasMade(step)) continue
    if (instance && mayChange(compiledStepAt(pipeline, instance.node))) found.push({ id, order: step.order })
  }
  return storeRef(
    values,
    found.toSorted((a, b) => b.order - a.order).map(({ id }) => id),
  )
}

const mayChange = ({ work, policy }: CompiledStep) => work.type === 'tool' && policy.effect !== 'pure'

async function compensateOne(
  services: PipelineServices,
  start: PipelineUndoStart,
  step: string,
  effects: Effects,
): Promise<UndoneStep> {
  const act = (call: EffectCall) => compensateStep({ services, start, step, call } satisfies Compensation)
  try {
    await effects.run<void>(UNDO_EFFECT + step, act)
    return { step, undone: true }
  } catch (error) {
    if (isInterruption(error)) throw error
    return { step, undone: false, problem: toldProblem(problemOf(error)) }
  }
}

const isUnknown = ({ code }: Problem) => code === 'unknown'

/** Such an undo is not retried: a person has to look. */
function toldProblem(problem: Problem): Problem {
  if (!isUnknown(problem)) return problem
  const message = `It is unknown whether the step was undone (check, and undo it by hand if it was not): ${problem.message}`
  return { ...problem, message }
}

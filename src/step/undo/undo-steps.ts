import { type Problem, problemOf } from '../../errors.ts'
import { runRef } from '../../house/actors.ts'
import { isInterruption } from '../../kernel/faults.ts'
import type { Json } from '../../kernel/json.ts'
import { justBeforePrefix } from '../../kernel/parts.ts'
import type { EffectCall, Effects, Send, Turn } from '../../kernel/types.ts'
import type { StepState } from '../attempt/step-state.ts'
import { UNDO_EFFECT } from '../batch/effect-names.ts'
import type { StepServices } from '../call/context.ts'
import { decodeStep } from '../messages/codec.ts'
import type { UndoStart } from '../messages/step-start.ts'
import { hasEnded, stepPartName, wasMade } from '../record/outcome.ts'
import type { UndoneStep } from '../record/step.ts'
import { readRef, storeRef, type ValueRef } from '../values.ts'
import { type UndoableCall, undoStep } from './undo-step.ts'

const MAX_UNDONE_PER_TURN = 32

/** The call that a step of a run made; undefined: it changed nothing. */
type FindCall = (step: string) => UndoableCall | undefined

/** Undoes some steps of a run, each in an effect of its own, and continues by a message to its own actor. */
export async function undoSteps(
  services: StepServices,
  start: UndoStart,
  openCalls: () => FindCall | Promise<FindCall>,
  effects: Effects,
): Promise<Turn<StepState>> {
  const plan = async () => (await stepsToUndo(services, start, await openCalls())) as Json
  const list = start.list ?? ((await effects.run<Json>('plan', plan)) as ValueRef)
  const ids = (await readRef(services.values, list)) as readonly string[]
  const steps = await Array.fromAsync(ids.slice(start.from, start.from + MAX_UNDONE_PER_TURN), (step) =>
    undoOne(services, start, step, openCalls, effects),
  )
  const last = ids.length <= start.from + MAX_UNDONE_PER_TURN
  const { replyTo } = effects.message
  const notice: Send = { to: replyTo!, body: { type: 'undone', steps, last }, type: 'event' }
  if (last) return { send: [notice], stop: true }
  const more = { ...start, list, from: start.from + MAX_UNDONE_PER_TURN }
  return { send: [notice, { to: effects.self, body: more, replyTo: replyTo! }] }
}

/** The steps whose work was done and may have changed something, last one first. */
async function stepsToUndo(
  { values, readParts }: StepServices,
  { run }: UndoStart,
  callOf: FindCall,
): Promise<ValueRef> {
  const found: { readonly id: string; readonly order: number }[] = []
  const prefix = stepPartName('')
  for await (const [name, part] of readParts(runRef(run.id), { prefix, after: justBeforePrefix(prefix) })) {
    const step = decodeStep(part)
    const id = name.slice(prefix.length)
    // this run did not do the work of a reused step, nor that of a replaced one
    if (!step || !hasEnded(step) || step.attempts === 0 || !wasMade(step)) continue
    if (callOf(id)) found.push({ id, order: step.order })
  }
  return storeRef(
    values,
    found.toSorted((a, b) => b.order - a.order).map(({ id }) => id),
  )
}

async function undoOne(
  services: StepServices,
  start: UndoStart,
  step: string,
  openCalls: () => FindCall | Promise<FindCall>,
  effects: Effects,
): Promise<UndoneStep> {
  const act = async (call: EffectCall) => {
    const made = (await openCalls())(step) ?? { tool: undefined, written: {} }
    await undoStep({ services, start, step, call, made })
  }
  try {
    await effects.run<void>(UNDO_EFFECT + step, act)
    return { step, undone: true }
  } catch (error) {
    if (isInterruption(error)) throw error
    return { step, undone: false, problem: toldProblem(problemOf(error)) }
  }
}

/** Such an undo is not retried: a person has to look. */
function toldProblem(problem: Problem): Problem {
  if (problem.code !== 'unknown') return problem
  const message = `It is unknown whether the step was undone (check, and undo it by hand if it was not): ${problem.message}`
  return { ...problem, message }
}

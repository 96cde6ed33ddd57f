import { PREVIOUS_ITERATION } from '../../../plan/instance.ts'
import { LOOP_BINDINGS } from '../../parse/loops/binding-names.ts'
import type { LoopSpec, StepSpec } from '../../parse/pipeline-spec.ts'

/** A scope: one list of steps that a text can see, of the pipeline or a loop body, with the names the loop binds. */
export type StepScope = {
  /** the prefix of its nodes: empty, or the node of its loop and a dot */
  readonly prefix: string
  readonly ids: ReadonlySet<string>
  /** names that have a value of their own in this scope */
  readonly bound: ReadonlySet<string>
  readonly loop?: { readonly id: string; readonly name: string; readonly condition?: string }
  /** how texts name the steps of the previous iteration: `prev_<id>`, or by their ids where no iteration runs */
  readonly before?: 'prev_' | ''
}

const NO_NAMES: ReadonlySet<string> = new Set()

const graphScopes = new WeakMap<readonly StepSpec[], StepScope>()

/** The scope of the pipeline's steps, the same for all its texts. */
export function graphScope(steps: readonly StepSpec[]): StepScope {
  const level = graphScopes.get(steps) ?? { prefix: '', ids: idsOf(steps), bound: NO_NAMES }
  graphScopes.set(steps, level)
  return level
}

/** The scope of a loop's body; `around` is the scope of the loop itself. */
export function bodyScope({ id, condition }: StepSpec, loop: LoopSpec, around: StepScope): StepScope {
  return {
    prefix: `${around.prefix}${id}.`,
    ids: idsOf(loop.body),
    // templates may also write them with a leading `$`
    bound: new Set([...LOOP_BINDINGS[loop.kind], ...(loop.list ? [loop.variable] : [])]),
    loop: { id, name: loop.name, ...(condition && { condition: condition.text }) },
    ...(loop.turns && { before: 'prev_' }),
  }
}

/** The scope in which a loop's conditions are evaluated between two iterations. */
export const nextIterationScope = (level: StepScope): StepScope => ({ ...level, before: '' })

const idsOf = (steps: readonly StepSpec[]) => new Set(steps.map(({ id }) => id))

/** The node that a name refers to in a scope; undefined when there is no such step. */
export function resolveInScope({ prefix, ids, before }: StepScope, name: string): string | undefined {
  if (before !== '' && ids.has(name)) return `${prefix}${name}`
  if (before === undefined || !name.startsWith(before)) return undefined
  const id = name.slice(before.length)
  return ids.has(id) ? `${PREVIOUS_ITERATION}${prefix}${id}` : undefined
}

type LoopStep = StepSpec & { readonly loop: LoopSpec }

const loops = new WeakMap<readonly StepSpec[], readonly LoopStep[]>()

/** All loops of these steps, including nested ones. */
export function allLoops(steps: readonly StepSpec[]): readonly LoopStep[] {
  const found = loops.get(steps) ?? steps.flatMap(loopsOf)
  loops.set(steps, found)
  return found
}

const loopsOf = (step: StepSpec): readonly LoopStep[] =>
  step.loop ? [step as LoopStep, ...allLoops(step.loop.body)] : []

/** All steps that do work, including those in loops. A loop over its own action has this action in its body. */
export function workingSteps(steps: readonly StepSpec[]): readonly StepSpec[] {
  return [steps, ...allLoops(steps).map(({ loop }) => loop.body)].flat().filter(({ loop }) => !loop)
}

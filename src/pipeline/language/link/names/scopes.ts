import { PREVIOUS_ITERATION } from '../../../plan/instance.ts'
import { LOOP_BINDINGS } from '../../parse/loops/binding-names.ts'
import type { LoopSpec, StepSpec } from '../../parse/pipeline-spec.ts'

/** One body of steps that a text can see: the graph's, or that of a loop with what the loop binds. */
export type StepScope = {
  /** what the nodes of its steps begin with: nothing, or the node of its loop and a dot */
  readonly prefix: string
  readonly ids: ReadonlySet<string>
  /** names that have a value of their own here */
  readonly bound: ReadonlySet<string>
  readonly loop?: { readonly id: string; readonly name: string }
  /** how its steps of the iteration before are called: `prev_<id>`, or by their ids, for there are none of this one */
  readonly before?: 'prev_' | ''
}

const NO_NAMES: ReadonlySet<string> = new Set()

const graphScopes = new WeakMap<readonly StepSpec[], StepScope>()

/** The graph of a pipeline, the same for all its texts. */
export function graphScope(steps: readonly StepSpec[]): StepScope {
  const level = graphScopes.get(steps) ?? { prefix: '', ids: idsOf(steps), bound: NO_NAMES }
  graphScopes.set(steps, level)
  return level
}

/** The body of a loop, whose own level is `around`. */
export function bodyScope({ id }: StepSpec, loop: LoopSpec, around: StepScope): StepScope {
  return {
    prefix: `${around.prefix}${id}.`,
    ids: idsOf(loop.body),
    bound: loopBindings(loop),
    loop: { id, name: loop.name },
    ...(loop.turns && { before: 'prev_' }),
  }
}

/** The body of a loop as the conditions see it that decide whether it turns once more. */
export function nextIterationScope(level: StepScope): StepScope {
  return { ...level, before: '' }
}

const idsOf = (steps: readonly StepSpec[]) => new Set(steps.map(({ id }) => id))

/** The names a loop gives its body; templates know them with a `$` in front as well. */
export function loopBindings({ kind, list, variable }: LoopSpec): ReadonlySet<string> {
  return new Set([...LOOP_BINDINGS[kind], ...(list ? [variable] : [])])
}

/** The node that a name refers to in a scope; undefined when there is no such step. */
export function resolveInScope({ prefix, ids, before }: StepScope, name: string): string | undefined {
  if (before !== '' && ids.has(name)) return `${prefix}${name}`
  if (before === undefined || !name.startsWith(before)) return undefined
  const id = name.slice(before.length)
  return ids.has(id) ? `${PREVIOUS_ITERATION}${prefix}${id}` : undefined
}

export type LoopStep = StepSpec & { readonly loop: LoopSpec }

const loops = new WeakMap<readonly StepSpec[], readonly LoopStep[]>()

/** All loops among steps and in their bodies. */
export function allLoops(steps: readonly StepSpec[]): readonly LoopStep[] {
  const found = loops.get(steps) ?? steps.flatMap(loopsOf)
  loops.set(steps, found)
  return found
}

const loopsOf = (step: StepSpec): readonly LoopStep[] =>
  step.loop ? [step as LoopStep, ...allLoops(step.loop.body)] : []

/** All steps with work of their own, also in loops. A loop over its own action has it in its body. */
export function workingSteps(steps: readonly StepSpec[]): readonly StepSpec[] {
  return [steps, ...allLoops(steps).map(({ loop }) => loop.body)].flat().filter(({ loop }) => !loop)
}

import type { Json } from '../../../kernel/schema.ts'
import { ownValue } from '../../../lib/own.ts'
import { type LoopWork, loopWorkAt } from '../../plan/compiled.ts'
import { loopsAround, type StepInstance, stepName } from '../../plan/instance.ts'
import type { LoopView } from '../../plan/messages/step-order.ts'
import type { TemplateData } from './surroundings.ts'

type Names = { readonly [name: string]: unknown }

type Bindings = Names & { readonly loop_id: string; readonly loop_name: string }
export type LoopBindings = { readonly bindings: Bindings; readonly list: readonly Json[] }

/** The bindings of the loops around a step, innermost first. */
export function loopBindingsOf(surroundings: TemplateData): readonly LoopBindings[] {
  const { instance, lists, turning } = surroundings
  if (instance.indices.length === 0 && turning === undefined) return NO_LOOPS
  const indices = [...instance.indices, ...(turning === undefined ? [] : [turning])]
  const loops = turning === undefined ? loopsAround(instance) : [instance, ...loopsAround(instance)]
  return loops.map((loop) => ({
    bindings: bindingsOf(surroundings, loop, indices[loop.indices.length]!),
    list: lists.get(loop.node) ?? [],
  }))
}

const NO_LOOPS: readonly LoopBindings[] = []

/** The names that a loop gives its body. `outer.item` is that of the loop `outer`. */
export function bindingNames({ bindings }: LoopBindings): Names {
  const { loop_id, loop_name } = bindings
  return { [loop_id]: bindings, [loop_name]: bindings, ...bindings }
}

/** The functions that templates call about the loops around a step. */
export function loopFunctions(loops: readonly LoopBindings[]): Names {
  const find = (loop: unknown) =>
    loops.find(({ bindings: { loop_id, loop_name } }) => loop_name === loop || loop_id === loop)
  return {
    loop_var: (loop: unknown, name: unknown) => ownValue<unknown>(find(loop)?.bindings ?? {}, String(name)),
    loop_item_at: (loop: unknown, index: unknown) => find(loop)?.list.at(Number(index)),
    current_loop_name: () => loops[0]?.bindings.loop_name,
    active_loops: () => loops.map(({ bindings }) => bindings.loop_name).toReversed(),
  }
}

function bindingsOf(surroundings: TemplateData, { node }: StepInstance, index: number): Bindings {
  const loop = loopWorkAt(surroundings.pipeline, node)
  const names = { index, is_first: index === 0, loop_id: stepName(node), loop_name: loop.name }
  const list = surroundings.lists.get(node) ?? []
  return loop.kind === 'while'
    ? { ...names, ...turnNames(loop, surroundings.loops[node], index) }
    : { ...names, ...itemNames(loop, list, index), ...(loop.shape === 'queue' && queueNames(list, stepName(node))) }
}

function itemNames({ variable }: LoopWork, list: readonly Json[], index: number): Names {
  const { length } = list
  const item = list[index] ?? null
  return {
    item,
    [variable]: item,
    position: index + 1,
    length,
    remaining: length - index - 1,
    is_last: index === length - 1,
    has_next: index < length - 1,
    has_prev: index > 0,
  }
}

function queueNames(queue: readonly Json[], id: string): Names {
  return { queue, queue_size: queue.length, parallel_queue_id: id, parent_task: id }
}

function turnNames({ shape }: LoopWork, { most, ms = 0 }: Partial<LoopView> = {}, iteration: number): Names {
  const turns = { iteration, position: iteration + 1, has_previous: iteration > 0 }
  const names = { ...turns, loop_state: { iteration, max_iterations: most ?? null } }
  return shape === 'action_loop' ? { ...names, total_duration: ms / 1000, termination_reason: null } : names
}

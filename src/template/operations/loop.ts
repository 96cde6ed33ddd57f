import { failAtNode, type RenderMachine } from '../machine/machine.ts'
import { valuesEqual } from '../values/compare.ts'
import { defineOperation, type TemplateOperations } from './operation.ts'

const LOOP_STATE: unique symbol = Symbol('loop')

/** The state shared by all iterations of a `{% for %}`: items, nesting, and the last arguments of `changed`. */
export type ForLoopState = { readonly items: readonly unknown[]; readonly depth: number; changed?: readonly unknown[] }

export function loopVariable(state: ForLoopState, index: number): object {
  const { items, depth } = state
  const { length } = items
  return {
    index: index + 1,
    index0: index,
    revindex: length - index,
    revindex0: length - index - 1,
    first: index === 0,
    last: index === length - 1,
    length,
    depth,
    depth0: depth - 1,
    ...(index > 0 && { previtem: items[index - 1] }),
    ...(index < length - 1 && { nextitem: items[index + 1] }),
    [LOOP_STATE]: state,
  }
}

export function loopStateOf(value: unknown): ForLoopState | undefined {
  return typeof value === 'object' && value !== null && LOOP_STATE in value
    ? (value as { [LOOP_STATE]: ForLoopState })[LOOP_STATE]
    : undefined
}

export const LOOP_METHODS: TemplateOperations = {
  cycle: defineOperation('*values', 'One of the values per iteration, in rotation.', (loop, args, machine) => {
    const values = args.values as readonly unknown[]
    if (values.length === 0) return failAtNode(machine, 'expected values, got none')
    return values[(loop as { readonly index0: number }).index0 % values.length]
  }),
  changed: defineOperation('*values', 'Whether the values differ from the previous iteration.', (loop, args, machine) =>
    hasChanged(loopStateOf(loop)!, args.values as readonly unknown[], machine),
  ),
}

function hasChanged(state: ForLoopState, values: readonly unknown[], machine: RenderMachine): boolean {
  const before = state.changed
  state.changed = values
  return before === undefined || !valuesEqual(before, values, machine)
}

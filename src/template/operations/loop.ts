import { fail, type Machine } from '../machine/machine.ts'
import { equals } from '../values/compare.ts'
import { type Operations, operation } from './operation.ts'

const STATE: unique symbol = Symbol('loop')

/** What all turns of one `{% for %}` have in common: its items, how many loops are around it, what `changed` was asked last. */
export type LoopState = { readonly items: readonly unknown[]; readonly depth: number; changed?: readonly unknown[] }

/** What the name `loop` stands for in one turn. */
export function loopAt(state: LoopState, index: number): object {
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
    [STATE]: state,
  }
}

/** The state behind a `loop`. */
export function loopStateOf(value: unknown): LoopState | undefined {
  return typeof value === 'object' && value !== null && STATE in value
    ? (value as { [STATE]: LoopState })[STATE]
    : undefined
}

/** Methods of `loop`. */
export const LOOP: Operations = {
  cycle: operation('*values', 'One of the values after the other, turn by turn.', (loop, args, machine) => {
    const values = args.values as readonly unknown[]
    if (values.length === 0) return fail(machine, "'cycle' needs values")
    return values[(loop as { readonly index0: number }).index0 % values.length]
  }),
  changed: operation('*values', 'Whether the values are others than in the turn before.', (loop, args, machine) =>
    hasChanged(loopStateOf(loop)!, args.values as readonly unknown[], machine),
  ),
}

function hasChanged(state: LoopState, values: readonly unknown[], machine: Machine): boolean {
  const before = state.changed
  state.changed = values
  return before === undefined || !equals(before, values, machine)
}

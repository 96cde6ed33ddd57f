import type { LoopKind } from '../compiled.ts'

const LOOP = ['index', 'is_first', 'loop_id', 'loop_name']
const LIST = [...LOOP, 'item', 'is_last', 'position', 'length', 'remaining', 'has_next', 'has_prev']
const TURNS = [...LOOP, 'iteration', 'position', 'has_previous', 'loop_state']

/** What each kind of loop gives to its body; templates know all of it with a `$` in front as well. */
export const BINDINGS: { readonly [kind in LoopKind]: readonly string[] } = {
  for_each: LIST,
  foreach: LIST,
  while: TURNS,
  action_loop: [...TURNS, 'total_duration', 'termination_reason'],
  queue: [...LIST, 'queue', 'queue_size', 'parallel_queue_id', 'parent_task'],
}

/** What some loop gives to its body. */
export function isBinding(name: string): boolean {
  return Object.values(BINDINGS).some((names) => names.includes(name))
}

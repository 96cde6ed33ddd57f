import type { LoopShape } from '../../../../step/record/outcome.ts'

const COMMON_BINDINGS = ['index', 'is_first', 'loop_id', 'loop_name']
const LIST_BINDINGS = [...COMMON_BINDINGS, 'item', 'is_last', 'position', 'length', 'remaining', 'has_next', 'has_prev']
const REPEAT_BINDINGS = [...COMMON_BINDINGS, 'iteration', 'position', 'has_previous', 'loop_state']

/** The names each kind of loop binds in its body. Templates also know them with a leading `$`. */
export const LOOP_BINDINGS: { readonly [kind in LoopShape]: readonly string[] } = {
  for_each: LIST_BINDINGS,
  foreach: LIST_BINDINGS,
  while: REPEAT_BINDINGS,
  action_loop: [...REPEAT_BINDINGS, 'total_duration', 'termination_reason'],
  queue: [...LIST_BINDINGS, 'queue', 'queue_size', 'parallel_queue_id', 'parent_task'],
}

export const LOOP_RESULTS: { readonly [kind in LoopShape]: readonly string[] } = {
  for_each: ['iterations', 'results', 'completed', 'success', 'loop_id'],
  foreach: ['results', 'iterations', 'succeeded', 'failed', 'success_rate', 'completed', 'success', 'loop_id'],
  while: [
    ...['iterations', 'iteration_count', 'results', 'status', 'completed', 'terminated_by', 'success', 'loop_id'],
  ],
  action_loop: [
    ...['success', 'iterations_completed', 'terminated_by', 'total_duration', 'all_results', 'final_results'],
    ...['loop_statistics', 'loop_id'],
  ],
  queue: [
    ...['parallel_queue_id', 'total_items', 'successful_items', 'failed_items', 'completion_rate', 'failure_rate'],
    ...['results', 'completed', 'success', 'loop_id'],
  ],
}

/** The loops that give it to their bodies. */
export function loopKindsBinding(name: string): readonly string[] {
  return Object.entries(LOOP_BINDINGS).flatMap(([kind, names]) => (names.includes(name) ? [kind] : []))
}

export function isLoopBinding(name: string): boolean {
  return Object.values(LOOP_BINDINGS).some((names) => names.includes(name))
}

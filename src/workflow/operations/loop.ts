import { InvalidError } from '../../errors.ts'
import { isJsonObject, type Json } from '../../kernel/json.ts'
import type { WorkflowExecution } from '../replay/execution.ts'
import { createIds } from '../replay/ids.ts'
import type { LoopTurn, NumberedTurn } from '../replay/operation.ts'
import { toJson } from './stored-value.ts'

/** Repeats `each` until it is done. The history holds the newest turn only: a new turn forgets the one before. */
export async function runLoop(
  execution: WorkflowExecution,
  first: Json,
  each: (state: Json, iteration: number) => Promise<unknown>,
): Promise<Json> {
  const { ids } = execution
  let { loop, iteration, turn } = (await execution.begun('loop', 'loop', { type: 'loop', first })) as NumberedTurn
  try {
    while ('next' in turn) {
      execution.ids = createIds(iteration)
      const due = turnOf(await each(turn.next, iteration))
      ;({ loop, iteration, turn } = await execution.awaitTurn(loop, due))
    }
    return turn.done
  } finally {
    execution.ids = ids
  }
}

function turnOf(value: unknown): LoopTurn {
  if (isJsonObject(value)) {
    const given = Object.keys(value)
    if (given.length === 1 && 'next' in value) return { next: toJson(value.next) }
    if (given.length === 1 && 'done' in value) return { done: value.done === undefined ? null : toJson(value.done) }
  }
  const found = isJsonObject(value) ? `a map with ${Object.keys(value).join(', ') || 'no key'}` : typeof value
  throw new InvalidError(`ctx.loop: expected { next: STATE } or { done: RESULT } from its function, got ${found}.`, {
    hint: 'Return the state of the next iteration, or the result of the loop.',
  })
}

import { isJsonObject, type JsonObject } from '../../../kernel/json.ts'
import type { Json } from '../../../kernel/schema.ts'
import { succeeded } from '../../../step/call/step-value.ts'
import { REJECTED } from '../../../step/messages/call-decision.ts'
import { isReferenced } from '../../../step/record/item-values.ts'
import type { LoopShape, StepValue } from '../../../step/record/outcome.ts'

/** A step's value as documents show it. */
export function valueDocument(value: StepValue): Json {
  const { status, result, reason, loop, error = null } = value
  if (status === 'skipped') return reason === 'condition_false' || reason === REJECTED ? { status, reason } : null
  if (loop && isJsonObject(result)) return loopValue(loop, result)
  return { ...detailJsonObject(value), result, success: succeeded(value), error: status === 'failed' ? error : null }
}

/** Its action, the model that answered, the reply if that is not the result, and its file. */
function detailJsonObject({ fields = {}, result }: StepValue): JsonObject {
  const { text, ...facts } = fields
  return text === undefined || text === result ? facts : { ...facts, text }
}

type Row = { readonly [child: string]: Json }

/** Every step in a loop's value is shown like a step of its own. */
function loopValue(shape: LoopShape, result: JsonObject): Json {
  const rows = (name: string) => result[name] as readonly Row[]
  switch (shape) {
    case 'for_each':
    case 'while':
      return { ...result, results: rows('results').map(rowValue) }
    case 'foreach':
      return { ...result, results: rows('results').map(itemValue) }
    case 'queue':
      return {
        ...result,
        results: rows('results').map((item) => ({ ...item, result: itemValue(item.result!) })),
      }
    case 'action_loop': {
      const turns = rows('all_results').map((turn) => ({ ...turn, results: rowValue(turn.results as Row) }))
      return { ...result, all_results: turns, final_results: rowValue(result.final_results as Row) }
    }
  }
}

function rowValue(row: Row): Row {
  return Object.fromEntries(Object.entries(row).map(([child, value]) => [child, itemValue(value)]))
}

/** One step, several by their names, or null when none was reached. */
function itemValue(item: Json): Json {
  if (!isJsonObject(item)) return null
  if (typeof item.status === 'string' && isReferenced(item)) return { blob: item.blob }
  return typeof item.status === 'string' && 'result' in item ? valueDocument(item as StepValue) : rowValue(item as Row)
}

import { isDeepStrictEqual } from 'node:util'
import type { Json } from '../../kernel/schema.ts'
import type { Ended } from '../plan/messages/step-end.ts'
import { type Ref, readRef, type Values } from '../plan/refs.ts'
import type { StepPart, StepValue } from '../plan/step-outcome.ts'
import { itemReader, withItems } from './values/item-values.ts'

/** Whether a step came to what is recorded of it, however long that took. */
export async function isSame(values: Values, outcome: Ended, earlier: StepPart): Promise<boolean> {
  if (outcome.status !== earlier.status || outcome.reason !== earlier.reason) return false
  if (!outcome.result || !earlier.result) return outcome.result === earlier.result
  const [now, before] = [await wholeOf(values, outcome.result), await wholeOf(values, earlier.result)]
  return isDeepStrictEqual(whatOf(now), whatOf(before))
}

async function wholeOf(values: Values, ref: Ref): Promise<Json> {
  const value = await readRef(values, ref)
  return isMap(value) && value.named
    ? ((await withItems(value as unknown as StepValue, itemReader(values))) as unknown as Json)
    : value
}

/** Of a step's value all but how long anything took; what is called so in the data of others stays. */
function whatOf(value: Json): Json {
  if (!isMap(value)) return value
  const { duration: _, ...what } = value
  const { loop, result = null } = what
  return { ...what, result: loop === undefined ? whatOfTool(result) : whatOfRows(result) }
}

/** A run below has another id each time. */
function whatOfTool(result: Json): Json {
  const isRun = isMap(result) && Object.hasOwn(result, 'run_id') && Object.hasOwn(result, 'call_stack')
  return without(isRun ? OF_RUNS : OF_TOOLS, result)
}

/** The result of a loop has the values of its steps in it, wherever its kind puts them. */
function whatOfRows(rows: Json): Json {
  if (Array.isArray(rows)) return rows.map(whatOfRows)
  if (!isMap(rows)) return rows
  if (isStepValue(rows)) return whatOf(rows)
  const fields = Object.entries(without(OF_LOOPS, rows) as Fields)
  return Object.fromEntries(fields.map(([name, field]) => [name, name === 'item' ? field : whatOfRows(field)]))
}

type Fields = { readonly [name: string]: Json }

const OF_TOOLS: ReadonlySet<string> = new Set(['execution_time', 'response_time'])
const OF_RUNS: ReadonlySet<string> = new Set([...OF_TOOLS, 'run_id', 'retries'])
const OF_LOOPS: ReadonlySet<string> = new Set(['duration', 'total_duration'])

function without(names: ReadonlySet<string>, value: Json): Json {
  return isMap(value) ? Object.fromEntries(Object.entries(value).filter(([name]) => !names.has(name))) : value
}

const isMap = (value: Json): value is Fields => typeof value === 'object' && value !== null && !Array.isArray(value)

// what a queue tells of an item has a status and a result, too
const isStepValue = (value: Fields) =>
  typeof value.status === 'string' && Object.hasOwn(value, 'result') && !Object.hasOwn(value, 'item')

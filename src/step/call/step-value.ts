import type { Problem } from '../../errors.ts'
import { isJsonObject } from '../../kernel/json.ts'
import type { ReadParts } from '../../kernel/parts.ts'
import { referenceReader, resolveReferences } from '../record/item-values.ts'
import { type StepPart, type StepRead, type StepValue, toStepRead } from '../record/outcome.ts'
import { MAX_INLINE_RESULT_CHARACTERS, readRef, storeRef, type ValueRef, type ValueStore } from '../values.ts'

/** The fields that later steps can read of a problem. */
export function failureFields(problem: Problem, attempts?: number): Pick<StepValue, 'error' | 'failure'> {
  const failure = { type: errorTypeOf(problem), code: problem.code, ...(attempts !== undefined && { attempts }) }
  return { error: problem.message, failure }
}

/** Stores a step's value; the reference is durable. */
export function storeValue(
  { values }: { readonly values: ValueStore },
  value: StepValue,
): ValueRef | Promise<ValueRef> {
  return storeRef(values, value, MAX_INLINE_RESULT_CHARACTERS)
}

/** The type of a failure for authors: ToolError if a tool reports it, ModelError without an answer, or its name. */
export function errorTypeOf({ code, name }: Pick<Problem, 'code' | 'name'>): string {
  if (TOOL_CODES.includes(code)) return 'ToolError'
  return MODEL_CODES.test(code) ? 'ModelError' : name
}

const TOOL_CODES = [
  'tool_failed',
  'tool_error',
  'bad_result',
  'not_found',
  'outside_root',
  'shell_needed',
  'run_failed',
]
const MODEL_CODES = /^(model_\w+|no_eligible_model|auto_invalid)$/

/** Where the values of a run are stored. */
export type RunStore = { readonly values: ValueStore; readonly readParts: ReadParts }

export const readStepValue = (part: StepPart, values: ValueStore): Promise<StepValue> =>
  valueOfStep(toStepRead(part), values)

export async function valueOfStep(read: StepRead, values: ValueStore): Promise<StepValue> {
  const ref = refOf(read)
  if (!ref) return withHandled(read, withoutResult(read))
  const value = (await readRef(values, ref)) as StepValue
  return withHandled(read, await resolveReferences(value, referenceReader(values)))
}

/** Adds the way its failure was handled to a value. */
export function withHandled(read: StepRead, value: StepValue): StepValue {
  return 'handled' in read && read.handled !== undefined ? { ...value, handled: read.handled } : value
}

export const refOf = (read: StepRead): ValueRef | undefined => ('result' in read ? read.result : undefined)

export function withoutResult(read: StepRead): StepValue {
  if (read.status === 'failed') return { status: 'failed', result: null, ...failureFields(read.problem) }
  return { status: 'skipped', result: null, ...(read.status === 'skipped' && { reason: read.reason }) }
}

/** Whether a step succeeded. Its result may report that it did not. */
export function succeeded({ status, result }: Pick<StepValue, 'status' | 'result'>): boolean {
  return status === 'completed' && !(isJsonObject(result) && result.success === false)
}

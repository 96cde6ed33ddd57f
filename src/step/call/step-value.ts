import type { Problem } from '../../errors.ts'
import type { StepValue } from '../record/outcome.ts'
import { MAX_INLINE_RESULT_CHARACTERS, storeRef, type ValueRef, type ValueStore } from '../values.ts'

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

/**
 * The type of a failure as authors name it: ToolError when a tool reports
 * one, ModelError when no model answered, else the error's name.
 */
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

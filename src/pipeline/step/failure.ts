import type { Problem } from '../../errors.ts'
import type { Json } from '../../kernel/schema.ts'
import { matches } from '../../template/template.ts'
import type { RecoveryFilter } from '../plan/compiled.ts'
import type { StepValue } from '../plan/step-outcome.ts'

/** What authors call a failure: what a tool reports of its work is a ToolError, that nobody answered a ModelError, else the error's name. */
export function errorTypeOf({ code, name }: Pick<Problem, 'code' | 'name'>): string {
  if (TOOL.includes(code)) return 'ToolError'
  return MODEL.test(code) ? 'ModelError' : name
}

const TOOL = ['tool_failed', 'tool_error', 'not_found', 'outside_root', 'shell_needed', 'run_failed']
const MODEL = /^(model_\w+|no_eligible_model|auto_invalid)$/

/** Names of other languages for the same failures. */
const ALIASES: { readonly [code: string]: readonly string[] } = {
  not_found: ['FileNotFoundError'],
  outside_root: ['PermissionError'],
  invalid_input: ['ValueError', 'TypeError', 'ValidationError'],
  model_unavailable: ['ConnectionError', 'HTTPError'],
  model_rate_limited: ['RateLimitError', 'HTTPError'],
  model_overloaded: ['ConnectionError', 'HTTPError'],
  model_timeout: ['TimeoutError'],
  cancelled: ['CancelledError'],
}
const ANY = ['*', 'Exception', 'Error']

/** A failed step as its handlers see it in `error`. */
export function errorOf(step: string, { error, failure, ...value }: StepValue, context: boolean): Json {
  return {
    failed_task_id: step,
    error_type: failure?.type ?? null,
    error_message: error ?? null,
    error_code: failure?.code ?? null,
    attempts: failure?.attempts ?? null,
    ...(context && { context: { result: value.result, parameters: value.parameters ?? {} } }),
  }
}

/** Whether a handler is for this failure; `enabled` aside. */
export function isFor({ types, patterns, codes }: RecoveryFilter, problem: Problem, result: Json): boolean {
  return (
    isAnyOf(types, [...ANY, errorTypeOf(problem), problem.name, problem.code, ...(ALIASES[problem.code] ?? [])]) &&
    isAnyOf(codes.map(String), [problem.code, ...codesIn(result)]) &&
    (patterns.length === 0 || patterns.some((pattern) => matches(`(?i)${pattern}`, problem.message)))
  )
}

function isAnyOf(asked: readonly string[], found: readonly string[]): boolean {
  return asked.length === 0 || asked.some((word) => found.includes(word))
}

/** What commands and servers give as a code. */
function codesIn(result: Json): readonly string[] {
  if (typeof result !== 'object' || result === null || Array.isArray(result)) return []
  const { return_code, status_code, status, code } = result as { readonly [field: string]: Json }
  return [return_code, status_code, status, code].filter((found) => found !== undefined).map(String)
}

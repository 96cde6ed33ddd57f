import type { Problem } from '../../errors.ts'
import type { Json } from '../../kernel/schema.ts'
import { ownValue } from '../../lib/own.ts'
import { errorTypeOf } from '../../step/call/step-value.ts'
import type { StepValue } from '../../step/record/outcome.ts'
import { matchesPattern } from '../../template/template.ts'
import type { RecoveryFilter } from '../plan/compiled.ts'

/** Names that other languages have for the same failures. */
const ERROR_ALIASES: { readonly [code: string]: readonly string[] } = {
  not_found: ['FileNotFoundError'],
  outside_root: ['PermissionError'],
  invalid_input: ['ValueError', 'TypeError', 'ValidationError'],
  model_unavailable: ['ConnectionError', 'HTTPError'],
  model_stream_broken: ['ConnectionError', 'HTTPError'],
  model_rate_limited: ['RateLimitError', 'HTTPError'],
  model_overloaded: ['ConnectionError', 'HTTPError'],
  model_timeout: ['TimeoutError'],
  cancelled: ['CancelledError'],
  // handlers may name it so, too
  bad_result: ['invalid_tool_output', 'InvalidError'],
}
const ANY_ERROR = ['*', 'Exception', 'Error']

/** A failed step as its handlers see it in `error`. */
export function errorForHandler(step: string, { error, failure, ...value }: StepValue, context: boolean): Json {
  return {
    failed_task_id: step,
    error_type: failure?.type ?? null,
    error_message: error ?? null,
    error_code: failure?.code ?? null,
    attempts: failure?.attempts ?? null,
    ...(context && { context: { result: value.result, parameters: value.parameters ?? {} } }),
  }
}

/** Whether a handler applies to this failure. Does not look at `enabled`. */
export function matchesFailure({ types, patterns, codes }: RecoveryFilter, problem: Problem, result: Json): boolean {
  const aliases = ownValue(ERROR_ALIASES, problem.code) ?? []
  return (
    isAnyOf(types, [...ANY_ERROR, errorTypeOf(problem), problem.name, problem.code, ...aliases]) &&
    isAnyOf(codes.map(String), [problem.code, ...aliases, ...codesIn(result)]) &&
    (patterns.length === 0 || patterns.some((pattern) => matchesPattern(`(?i)${pattern}`, problem.message)))
  )
}

function isAnyOf(asked: readonly string[], found: readonly string[]): boolean {
  return asked.length === 0 || asked.some((word) => found.includes(word))
}

/** The codes that commands and servers return. */
function codesIn(result: Json): readonly string[] {
  if (typeof result !== 'object' || result === null || Array.isArray(result)) return []
  const { return_code, status_code, status, code } = result as { readonly [field: string]: Json }
  return [return_code, status_code, status, code].filter((found) => found !== undefined).map(String)
}

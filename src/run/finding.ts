/** The severity of a finding: an error refuses the pipeline, the others do not. */
export type Severity = 'error' | 'warning' | 'info'

/** The subject area of a finding. */
export type Category =
  | 'document'
  | 'input'
  | 'step'
  | 'graph'
  | 'routing'
  | 'template'
  | 'loop'
  | 'output'
  | 'include'
  | 'run'

type Diagnostic = { readonly severity: Severity; readonly category: Category }

const errors = <Name extends string>(category: Category, ...codes: readonly Name[]) => table('error', category, codes)
const warnings = <Name extends string>(category: Category, ...codes: readonly Name[]) =>
  table('warning', category, codes)
const infos = <Name extends string>(category: Category, ...codes: readonly Name[]) => table('info', category, codes)

function table<Name extends string>(severity: Severity, category: Category, codes: readonly Name[]) {
  return Object.fromEntries(codes.map((code) => [code, { severity, category }])) as Record<Name, Diagnostic>
}

/** All codes of findings, reported by the compiler or while a pipeline runs. */
export const DIAGNOSTICS = {
  ...errors('document', 'yaml_syntax', 'yaml_duplicate_key', 'missing_name', 'missing_steps', 'steps_wrapped'),
  ...errors('document', 'bad_pipeline_id', 'file_unreadable', 'too_large', 'bad_value', 'not_supported'),
  ...warnings('document', 'unknown_key', 'deprecated_alias', 'non_semver_version'),

  ...errors('input', 'input_required', 'input_type', 'input_choice', 'input_unknown'),
  ...warnings('input', 'old_boolean'),

  ...errors('step', 'bad_step', 'bad_step_id', 'duplicate_step_id', 'reserved_step_id', 'ambiguous_step_id'),
  ...errors('step', 'unknown_action', 'unknown_tool', 'unknown_operation', 'missing_parameter', 'missing_capability'),
  ...errors('step', 'error_handler_invalid', 'auto_unclosed_ambiguous', 'shell_template'),
  ...warnings('step', 'unknown_parameter', 'tool_unavailable', 'unresolvable_model', 'would_fail', 'template_in_code'),
  ...warnings('step', 'handler_does_nothing', 'zeros_dropped'),

  ...infos('step', 'stops_at_failure'),

  ...errors('graph', 'dependency_unknown', 'dependency_cycle', 'dependency_self'),
  ...infos('graph', 'implicit_dependency'),

  ...errors('routing', 'routing_unknown', 'routing_self', 'routing_backward', 'reserved_policy_id'),

  ...errors('template', 'template_syntax', 'undefined_variable', 'undefined_step_field', 'unknown_filter'),
  ...errors('template', 'global_not_called', 'global_wrong_arity', 'loop_variable_outside_loop'),
  ...warnings('template', 'deprecated_now', 'undeclared_output_field', 'unknown_status', 'never_met', 'may_be_skipped'),

  ...errors('loop', 'loop_conflict', 'loop_body_missing', 'until_and_while'),

  ...errors('output', 'output_spec_conflict', 'output_cycle'),
  ...warnings('output', 'output_unresolved'),

  ...errors('include', 'include_missing', 'include_cycle', 'include_escape', 'include_depth', 'include_too_large'),

  ...errors('run', 'unresolved_template', 'template_failed', 'template_limit', 'timeout', 'tool_error', 'loop_list'),
  ...errors('run', 'auto_invalid', 'no_eligible_model', 'aborted'),
} satisfies { readonly [code: string]: Diagnostic }

/** The stable name of a fault. */
export type FindingCode = keyof typeof DIAGNOSTICS

/** Whether a code is one of antiphon's finding codes. */
export const isCode = (code: string): code is FindingCode => Object.hasOwn(DIAGNOSTICS, code)

/** One message of the compiler; line and column count from 1. */
export type Finding = {
  readonly code: FindingCode
  readonly severity: Severity
  readonly message: string
  readonly file?: string
  readonly line?: number
  readonly column?: number
  readonly step?: string
  /** its place in the document, as `steps[0].parameters.path` */
  readonly path?: string
  readonly hint?: string
  /** what it refers to: another step, a field */
  readonly about?: { readonly step?: string; readonly field?: string }
}

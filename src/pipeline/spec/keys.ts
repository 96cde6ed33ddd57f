import type { Path, Report } from '../findings.ts'
import { didYouMean } from './suggest.ts'

/** Which keys a map may have: those that work, those the language has but this version has not, and those without a meaning. */
export type Keys = {
  readonly known: readonly string[]
  readonly missing?: { readonly [key: string]: string }
  readonly ignored?: readonly string[]
}

const LATER = 'this version has no such thing yet'

/** Keys of the language whose meaning is still to be built, each with what to write meanwhile. */
const later = (keys: string): { readonly [key: string]: string } =>
  Object.fromEntries(keys.split(' ').map((key) => [key, LATER]))

export const PIPELINE_KEYS: Keys = {
  known: [
    'id',
    'name',
    'description',
    'version',
    'type',
    'inputs',
    'parameters',
    'steps',
    'tasks',
    'outputs',
    'metadata',
  ],
  missing: {
    ...later('context config model global_error_handlers'),
    data: 'declare it under inputs: with a default',
    variables: 'declare it under inputs: with a default',
  },
  ignored: [
    'enhanced_outputs',
    'enhanced_inputs',
    'enhanced_steps',
    'advanced_steps',
    'error_handling',
    'monitoring',
    'optimization',
  ],
}

export const STEP_KEYS: Keys = {
  known: [
    ...['id', 'name', 'description', 'metadata', 'tool', 'action', 'parameters', 'inputs', 'outputs'],
    ...['dependencies', 'depends_on', 'condition', 'if', 'for_each', 'steps', 'max_parallel', 'loop_var', 'loop_name'],
    ...['retry', 'max_retries', 'timeout', 'on_failure', 'continue_on_error', 'effect', 'add_completion_task'],
  ],
  missing: {
    ...later(
      'action_loop create_parallel_queue on_false on_success on_error on-error error_handlers retry_config goto else',
    ),
    ...later(
      'requires_model requires-model produces location format output_schema schema size_limit output_description',
    ),
    ...later('type items tool_config error_handling'),
    foreach: 'use for_each: with steps:',
    parallel: 'use max_parallel: with for_each:',
    max_concurrent: 'use max_parallel: with for_each:',
    while: LATER,
    until: LATER,
    max_iterations: LATER,
  },
}

/** Reports every key of a map that is not known: by name when it is only not built, else with the nearest known one. */
export function checkKeys(
  map: object,
  { known, missing = {}, ignored = [] }: Keys,
  path: Path,
  report: Report,
  step?: string,
): void {
  for (const key of Object.keys(map)) {
    if (known.includes(key)) continue
    const more = { key: true, ...(step !== undefined && { step }) } as const
    if (Object.hasOwn(missing, key)) {
      report('not_supported', [...path, key], `\`${key}:\` is not supported`, { ...more, hint: missing[key] })
    } else if (ignored.includes(key)) {
      report('unknown_key_ignored', [...path, key], `\`${key}:\` has no meaning and is ignored`, more)
    } else {
      report('unknown_key', [...path, key], `unknown key \`${key}\``, { ...more, hint: didYouMean(key, known) })
    }
  }
}

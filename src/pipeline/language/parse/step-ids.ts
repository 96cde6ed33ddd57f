import { isJsonObject, type JsonObject } from '../../../kernel/json.ts'
import type { DocumentPath, ReportFinding } from '../diagnostics/finding.ts'
import { FAILURE_POLICIES } from './policies.ts'

const RESERVED_IDS: ReadonlySet<string> = new Set([
  ...['loop', 'execution', 'inputs', 'parameters', 'outputs', 'steps', 'results', 'previous_results', 'env', 'now'],
  ...['include_file', 'file_exists'],
  ...['pipeline_id', 'execution_id', 'timestamp', 'current_timestamp', 'current_date', 'true', 'false', 'none', 'null'],
  ...['and', 'or', 'not', 'in', 'is', 'if', 'else'],
])
const ID_PATTERN = /^[a-zA-Z][a-zA-Z0-9_-]{0,99}$/

/**
 * The id of a step. An invalid id is reported; the suggested id is then used, or none. `taken`: the ids of its earlier
 * siblings. `bound`: the names that its loop binds.
 */
export function readStepId(
  step: JsonObject,
  path: DocumentPath,
  taken: Set<string>,
  report: ReportFinding,
  bound: readonly string[],
): string | undefined {
  const { id } = step
  const at = [...path, 'id']
  if (typeof id !== 'string' || !ID_PATTERN.test(id)) {
    report(
      'bad_step_id',
      id === undefined ? path : at,
      id === undefined ? 'a step requires an `id:`' : `${JSON.stringify(id)} is not a valid step id`,
      { hint: hintFor(step) },
    )
    return readAs(step, taken)
  }
  const reserved = isReserved(id) || bound.includes(id)
  if (reserved)
    report('reserved_step_id', at, `the id \`${id}\` is reserved: it has another meaning in templates`, { step: id })
  if (FAILURE_POLICIES.includes(id))
    report('reserved_policy_id', at, `the id \`${id}\` is reserved: it is a policy of \`on_failure:\``, { step: id })
  if (taken.has(id)) report('duplicate_step_id', at, `two steps have the id \`${id}\``, { step: id })
  if (taken.has(id)) return undefined
  taken.add(id)
  return id
}

/** The step stays, so that references to it are not reported as well, and its own faults are. */
function readAs({ id, name }: JsonObject, taken: Set<string>): string | undefined {
  const given = id ?? name
  const word = typeof given === 'string' ? wordOf(given) : ''
  if (!ID_PATTERN.test(word) || isReserved(word) || taken.has(word)) return undefined
  taken.add(word)
  return word
}

const isReserved = (id: string) => RESERVED_IDS.has(id.toLowerCase()) || id in Object.prototype

function hintFor(step: JsonObject): string {
  const [only = '', ...others] = Object.keys(step)
  if (others.length === 0 && isJsonObject(step[only])) return `Write \`- id: ${only}\`, and its keys on the same level.`
  if (step.id === undefined && typeof step.name === 'string')
    return `\`name:\` is only for people: add \`id: ${wordOf(step.name)}\`.`
  return 'Use a letter followed by letters, digits, _ and -, at most 100 characters.'
}

const wordOf = (name: string) =>
  name
    .trim()
    .replaceAll(/[^a-zA-Z0-9]+/g, '_')
    .toLowerCase()
    .slice(0, 100)

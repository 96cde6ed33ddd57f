import type { Json } from '../../../../kernel/schema.ts'
import type { LoopShape } from '../../../../step/record/outcome.ts'
import { expectedGot, shownValue } from '../../diagnostics/expected.ts'
import type { DocumentPath } from '../../diagnostics/finding.ts'
import type { KeyTable } from '../../schema/key-table.ts'
import { STEP_TABLE } from '../../schema/step-keys.ts'
import { EXPRESSION } from '../../schema/value-kinds.ts'
import type { ConditionSpec, LoopSpec, StepSpec } from '../pipeline-spec.ts'
import { readKey, reportKey, reportValue, type StepReader } from '../reader.ts'
import { LOOP_BINDINGS } from './binding-names.ts'

/** Maximum steps of a body in total, and levels of nested loops. */
export const LOOP_LIMITS = { body: 64, depth: 8 } as const

export function readLoopNames(reader: StepReader): Pick<LoopSpec, 'name' | 'variable'> {
  return { name: readKey(reader, 'loop_name') ?? reader.id, variable: readVariable(reader) }
}

function readVariable(reader: StepReader): string {
  const value = reader.step.loop_var ?? 'item'
  const name = typeof value === 'string' ? value.replace(/^\$/, '') : ''
  if (/^[a-zA-Z_][a-zA-Z0-9_]{0,99}$/.test(name)) return name
  reportValue(reader, 'loop_var', 'a name of letters, digits and _')
  return 'item'
}

export function readLoopBody(kind: LoopShape, reader: StepReader): readonly StepSpec[] {
  const { step, path, depth } = reader
  refuseOwnWork(reader)
  if (!checkNesting(reader, 'steps')) return []
  const within = { depth: depth + 1, bound: LOOP_BINDINGS[kind] }
  const body = Array.isArray(step.steps) ? reader.readSteps(step.steps, [...path, 'steps'], within) : []
  const size = countSteps(body)
  if (size > 0 && size <= LOOP_LIMITS.body) return body
  // faults in the body were already reported
  if (Array.isArray(step.steps) && step.steps.length > 0 && size === 0) return []
  reportBody(reader, [...path, 'steps'], 'steps', 'steps, including those of inner loops', step.steps, size)
  return []
}

/** Reports a body that is not a list, or has too few or too many parts. */
export function reportBody(
  { id, report }: StepReader,
  path: DocumentPath,
  key: string,
  parts: string,
  value: Json | undefined,
  size: number,
): void {
  const expected = `a list of 1 to ${LOOP_LIMITS.body} ${parts}`
  const got = Array.isArray(value) ? String(size) : shownValue(value)
  report('loop_body_missing', path, `\`${key}\`: expected ${expected}, got ${got}`, { step: id })
}

const KEYS_OF_WORK = Object.entries<KeyTable[string]>(STEP_TABLE).flatMap(([key, { ofWork }]) => (ofWork ? [key] : []))

/** Reports keys that a loop with its own body does not use. */
export function refuseOwnWork(reader: StepReader, allowed: readonly string[] = []): void {
  const given = (keys: readonly string[]) =>
    keys.filter((key) => reader.step[key] !== undefined && !allowed.includes(key))
  for (const key of given(['tool', 'control_system', 'action', 'parameters', 'tools']))
    reportKey(reader, 'loop_conflict', key, 'a loop cannot have both `steps:` and its own action')
  for (const key of given(KEYS_OF_WORK)) {
    const hint = 'Set it on the steps of the body.'
    reportKey(reader, 'not_supported', key, `\`${key}:\` is not supported for a loop`, hint)
  }
}

/** Whether another loop may be nested here; if not, this is reported. */
export function checkNesting(reader: StepReader, key: string): boolean {
  if (reader.depth < LOOP_LIMITS.depth) return true
  reportKey(reader, 'too_large', key, `more than ${LOOP_LIMITS.depth} nested loops`)
  return false
}

/** The number of steps in a body, including those of nested loops. */
export function countSteps(body: readonly StepSpec[]): number {
  return body.reduce((sum, { loop }) => sum + 1 + countSteps(loop?.body ?? []), 0)
}

/** The step's own action as the body, under the step's own id. */
export function ownActionAsBody(spec: StepSpec, reader: StepReader, key: string): readonly StepSpec[] {
  const { id, routes, onFailure } = spec
  if (spec.tool !== undefined || spec.action !== undefined) {
    // routes belong to the loop, not to the step in its body
    const goesOn = onFailure === 'continue' && !routes.some(({ on }) => on === 'failure')
    return [{ ...spec, dependencies: [], routes: [], onFailure: goesOn ? 'continue' : 'fail' }]
  }
  const hint = 'Add `steps:`, `tool:` or `action:`.'
  reportKey(reader, 'loop_body_missing', key, `loop \`${id}\` has no body`, hint)
  return []
}

/** A condition as its author wrote it; undefined if there is none, or if it was reported. */
export function readConditionText(
  value: Json | undefined,
  path: DocumentPath,
  reader: StepReader,
): ConditionSpec | undefined {
  const text = value === undefined ? undefined : EXPRESSION.read(value)
  if (value !== undefined && text === undefined)
    reader.report('bad_value', path, expectedGot(String(path.at(-1)), EXPRESSION.wants, value), { step: reader.id })
  return text === undefined ? undefined : { text, path }
}

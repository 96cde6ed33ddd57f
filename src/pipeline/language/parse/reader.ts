import type { Json, JsonObject } from '../../../kernel/json.ts'
import type { FindingCode } from '../../../run/finding.ts'
import { expectedGot } from '../diagnostics/expected.ts'
import type { DocumentPath, ReportFinding } from '../diagnostics/finding.ts'
import { STEP_TABLE } from '../schema/step-keys.ts'
import { fieldReader, type ReadableKey, type ValueAt } from '../schema/value-kinds.ts'
import type { StepSpec } from './pipeline-spec.ts'

/** The loops around a list of steps: their number, and the names that the innermost one binds. */
export type EnclosingLoops = { readonly depth: number; readonly bound: readonly string[] }

/** A step being read. */
export type StepReader = {
  readonly id: string
  readonly step: JsonObject
  readonly path: DocumentPath
  readonly report: ReportFinding
  /** the number of loops around it */
  readonly depth: number
  /** reads the steps of its body, if it is a loop */
  readonly readSteps: (list: readonly Json[], path: DocumentPath, within: EnclosingLoops) => readonly StepSpec[]
}

export function reportKey(
  { id, path, report }: StepReader,
  code: FindingCode,
  key: string,
  message: string,
  hint?: string,
): undefined {
  report(code, [...path, key], message, { step: id, ...(hint && { hint }) })
}

export function reportValue(reader: StepReader, key: string, expected: string, hint?: string): undefined {
  return reportKey(reader, 'bad_value', key, expectedGot(key, expected, reader.step[key]), hint)
}

/** Reports a template at a key of the step that takes none. */
export function reportTemplate(reader: StepReader, key: string, expected: string, hint: string): undefined {
  return reportKey(reader, 'bad_value', key, `\`${key}\`: expected ${expected}, got a template`, hint)
}

/** The value of a key, read as the table of keys says. A wrong value is reported and counts as absent. */
export function readKey<Key extends ReadableKey<typeof STEP_TABLE>>(
  reader: StepReader,
  key: Key,
): ValueAt<typeof STEP_TABLE, Key> | undefined {
  return fieldReader(STEP_TABLE, reader.step, (at, message, hint) => reportKey(reader, 'bad_value', at, message, hint))(
    key,
  )
}

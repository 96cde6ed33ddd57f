import type { JsonObject } from '../../../kernel/json.ts'
import type { Json } from '../../../kernel/schema.ts'
import type { FindingCode } from '../diagnostics/codes.ts'
import type { DocumentPath, ReportFinding } from '../diagnostics/finding.ts'
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

/** Reports a fault at a key of the step. */
export function reportKey(
  { id, path, report }: StepReader,
  code: FindingCode,
  key: string,
  message: string,
  hint?: string,
): undefined {
  report(code, [...path, key], message, { step: id, ...(hint && { hint }) })
}

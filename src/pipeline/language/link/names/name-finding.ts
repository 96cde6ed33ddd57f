import { present } from '../../../../lib/json/present.ts'
import type { FindingCode } from '../../../../run/finding.ts'
import type { DocumentPath, ReportFinding } from '../../diagnostics/finding.ts'
import type { PipelineSpec } from '../../parse/pipeline-spec.ts'
import type { Mention } from './mentions.ts'
import type { StepScope } from './scopes.ts'
import type { StepFields } from './step-fields.ts'

/** The context of a text: its step, and the scopes around it from the innermost to the graph. */
export type ReferenceContext = {
  readonly spec: PipelineSpec
  readonly report: ReportFinding
  readonly step?: string
  /** the text is rendered after the step has ended, so its own result can be read */
  readonly ended?: true
  readonly levels: readonly StepScope[]
  /** called when a map of all steps is read as a whole */
  readonly readsAll?: () => void
  /** the readable fields of a step, if they are known */
  fieldsOf?(node: string): StepFields | undefined
  /** the condition of a step; without it the step is skipped */
  conditionOf?(node: string): string | undefined
  /** the conditions that hold here: of the step and of the loops around it */
  readonly holding?: HoldingConditions
  /** whether `error` holds a failure here */
  readonly handles?: boolean
  /** it handles the failure of any step */
  readonly ofAll?: true
}

/** Conditions that hold, and the chains of names that have a value when they do. */
export type HoldingConditions = { readonly texts: readonly string[]; readonly chains: readonly string[] }

export const STEP_MAPS = ['steps', 'results', 'previous_results']

export function reportMention(
  mention: Mention,
  { report, step }: ReferenceContext,
  code: FindingCode,
  message: string,
  hint?: string,
): undefined {
  const { line, column, at, name, path } = mention
  report(code, at as DocumentPath, message, {
    within: { line, column },
    hint,
    about: present(STEP_MAPS.includes(name) ? { step: path[0] } : { step: name, field: path[0] }),
    ...(step !== undefined && { step }),
  })
}

/** Reports findings at the position of one mention. */
export const reporterAt =
  (mention: Mention, around: ReferenceContext) => (code: FindingCode, message: string, hint?: string) =>
    reportMention(mention, around, code, message, hint)

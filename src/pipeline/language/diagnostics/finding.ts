import { InvalidError } from '../../../errors.ts'
import type { Category, Finding, FindingCode, Severity } from '../../../run/finding.ts'
import { DIAGNOSTICS, isCode } from '../../../run/finding.ts'
import type { TextPosition } from '../../../yaml/parse.ts'

export type DocumentPath = readonly (string | number)[]

/** A hint. A function is called only when the finding is reported. */
export type Hint = string | (() => string | undefined)

/** Reports a finding. `key` points at the key instead of its value, `within` at a position in its text. */
export type ReportFinding = (
  code: FindingCode,
  path: DocumentPath,
  message: string,
  more?: {
    readonly hint?: Hint | undefined
    readonly step?: string
    readonly key?: true
    readonly within?: TextPosition
    readonly about?: Finding['about']
    /** a place other than the path's */
    readonly at?: TextPosition & { readonly file?: string }
  },
) => void

export const severityOf = (code: FindingCode): Severity => DIAGNOSTICS[code].severity

export const categoryOf = (code: FindingCode): Category => DIAGNOSTICS[code].category

/** A path as text: `steps[0].parameters.path`. */
export function formatPath(path: DocumentPath): string {
  return path.map((part, index) => (typeof part === 'number' ? `[${part}]` : index === 0 ? part : `.${part}`)).join('')
}

/** In strict mode an unknown key is an error. */
export function toStrictFinding(finding: Finding): Finding {
  return finding.code === 'unknown_key' ? { ...finding, severity: 'error' } : finding
}

export function hasErrors(findings: readonly Finding[]): boolean {
  return findings.some(({ severity }) => severity === 'error')
}

/** A refusal as a finding. A code that is not a finding code is replaced by `otherwise`. */
export function toFinding({ code, message, place, hint }: InvalidError, otherwise: FindingCode): Finding {
  const known = isCode(code) ? code : otherwise
  return { code: known, severity: severityOf(known), message, ...place, ...(hint !== undefined && { hint }) }
}

/** The error that refuses a pipeline: the first finding, and the number of further ones. */
export function toInvalidError(findings: readonly Finding[]): InvalidError {
  const [first, ...others] = findings.filter(({ severity }) => severity === 'error')
  if (!first) return new InvalidError('The pipeline is not valid.')
  const { file, line, column, path, hint, message } = first
  const place = { ...(file && { file }), ...(line && { line }), ...(column && { column }), ...(path && { path }) }
  const more = others.length > 0 ? ` (and ${others.length} more)` : ''
  return new InvalidError(`${message}${more}`, { code: 'invalid_pipeline', place, ...(hint && { hint }) })
}

/** Stops a compilation: the pipeline is refused, and more findings would help nobody. */
export class FindingLimitReached extends Error {}

/** The result of an action; undefined when FindingLimitReached stopped it. */
export function untilFindingLimit<T>(act: () => T): T | undefined {
  try {
    return act()
  } catch (error) {
    if (!(error instanceof FindingLimitReached)) throw error
    return undefined
  }
}

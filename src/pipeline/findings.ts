import { InvalidError } from '../errors.ts'
import { type Category, type Code, DIAGNOSTICS, type Severity } from './diagnostics.ts'

/** One thing the compiler has to say; line and column count from 1. */
export type Finding = {
  readonly code: Code
  readonly severity: Severity
  readonly message: string
  readonly file?: string
  readonly line?: number
  readonly column?: number
  readonly step?: string
  /** where in the document, as `steps[0].parameters.path` */
  readonly path?: string
  readonly hint?: string
}

/** A way into the document. */
export type Path = readonly (string | number)[]

/** A place in a text; both count from 1. */
export type Position = { readonly line: number; readonly column: number }

/** What the compiler says it with: `key` points at the key instead of its value, `within` at a place in its text. */
export type Report = (
  code: Code,
  path: Path,
  message: string,
  more?: {
    readonly hint?: string | undefined
    readonly step?: string
    readonly key?: true
    readonly within?: Position
  },
) => void

/** How bad a finding of that code is. */
export function severityOf(code: Code): Severity {
  return DIAGNOSTICS[code].severity
}

/** What a finding of that code is about. */
export function categoryOf(code: Code): Category {
  return DIAGNOSTICS[code].category
}

/** A path as people write it: `steps[0].parameters.path`. */
export function formatPath(path: Path): string {
  return path.map((part, index) => (typeof part === 'number' ? `[${part}]` : index === 0 ? part : `.${part}`)).join('')
}

export function hasErrors(findings: readonly Finding[]): boolean {
  return findings.some(({ severity }) => severity === 'error')
}

/** The error that refuses a pipeline: the first finding, with how many more there are. */
export function errorOfFindings(findings: readonly Finding[]): InvalidError {
  const [first, ...others] = findings.filter(({ severity }) => severity === 'error')
  if (!first) return new InvalidError('the pipeline is not valid')
  const { file, line, column, path, hint, message } = first
  const place = { ...(file && { file }), ...(line && { line }), ...(column && { column }), ...(path && { path }) }
  const more = others.length > 0 ? ` (and ${others.length} more)` : ''
  return new InvalidError(`${message}${more}`, { code: 'invalid_pipeline', place, ...(hint && { hint }) })
}

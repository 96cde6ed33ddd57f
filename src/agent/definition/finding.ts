import { type ErrorPlace, InvalidError } from '../../errors.ts'

/** One message about the file of an agent or of one of its skills; line and column count from 1. */
export type AgentFinding = {
  readonly severity: 'error' | 'warning' | 'info'
  readonly message: string
  readonly hint?: string
  readonly file?: string
  readonly line?: number
  readonly column?: number
  /** the key of an agent that a program defines */
  readonly path?: string
}

/** Reports a finding at a key or a value of the front matter. A path without a last part stands for all of it. */
export type ReportAgentFinding = (
  severity: AgentFinding['severity'],
  path: readonly (string | number)[],
  message: string,
  more?: { readonly hint?: string | undefined; readonly key?: true },
) => void

/** The error that refuses an agent: its first error finding and how many others there are; undefined without one. */
export function toInvalidAgent(findings: readonly AgentFinding[]): InvalidError | undefined {
  const [first, ...others] = findings.filter(({ severity }) => severity === 'error')
  if (!first) return undefined
  const { message, hint, file, line, column, path } = first
  const place: ErrorPlace = {
    ...(file && { file }),
    ...(line && { line }),
    ...(column && { column }),
    ...(path && { path }),
  }
  const more = others.length > 0 ? ` (and ${others.length} more)` : ''
  return new InvalidError(`${message}${more}`, { code: 'invalid_agent', place, hint })
}

/** The hint that names the closest known word, or all known words. */
export function hintFor(near: string | undefined, otherwise?: string): string | undefined {
  return near === undefined ? otherwise : `Did you mean ${near}?`
}

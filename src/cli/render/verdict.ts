import { categoryOf } from '../../pipeline/language/diagnostics/finding.ts'
import type { Verdict } from '../../pipeline/room/documents.ts'
import type { Finding, FindingCode } from '../../run/finding.ts'
import { findingText, shortPath } from '../terminal/errors.ts'
import { singleLine } from '../terminal/escape.ts'
import { formatCount } from '../terminal/format.ts'
import type { Terminal } from '../terminal/terminal.ts'

export function printVerdict(terminal: Terminal, { file, valid, pipeline, steps, findings }: Verdict): void {
  const shown = shortPath(file, terminal.folder)
  const warnings = findings.filter(({ severity }) => severity === 'warning').length
  terminal.out(
    valid
      ? `✓ ${shown} is valid${warnings > 0 ? ` with ${formatCount(warnings, 'warning')}` : ''}`
      : `✗ ${shown} is not valid`,
  )
  if (valid && steps) terminal.out(`  ${singleLine(pipeline ?? '')}, ${formatCount(Object.keys(steps).length, 'step')}`)
  for (const [step, needs] of Object.entries(steps ?? {}))
    terminal.out(needs.length === 0 ? `  - ${step}` : `  - ${step}  <- ${needs.join(', ')}`)
  const notes = findings.filter(({ code, severity }) => severity === 'info' && code !== EDGE)
  for (const finding of [...findingsToShow(findings), ...notes]) terminal.out(findingText(finding, terminal.folder))
}

/** The note that a step waits for another one; the list of steps says it already. */
const EDGE: FindingCode = 'implicit_dependency'

/** A verdict as programs read it, with the file as it was asked for. */
export function verdictDocument(file: string, { valid, pipeline, steps, findings }: Verdict): object {
  const error = findings.find(({ severity }) => severity === 'error')
  return {
    pipeline_file: file,
    valid,
    ...(pipeline !== undefined && { pipeline }),
    ...(steps && { tasks: steps }),
    ...(error && { error: error.message }),
    findings: findings.map(findingDocument),
  }
}

function findingDocument({ code, severity, message, file, line, column, step, path, hint, about }: Finding): object {
  return {
    code,
    severity,
    category: categoryOf(code),
    step: step ?? null,
    parameter_path: path ?? null,
    referenced_step: about?.step ?? null,
    referenced_field: about?.field ?? null,
    message,
    suggestions: hint === undefined ? [] : [hint],
    file: file ?? null,
    line: line ?? null,
    column: column ?? null,
  }
}

/** Prints errors and warnings of a file on stderr, and counts the errors. */
export function sayFindings(terminal: Terminal, findings: readonly Finding[]): void {
  for (const finding of findingsToShow(findings)) terminal.say(findingText(finding, terminal.folder))
  const errors = findings.filter(({ severity }) => severity === 'error').length
  if (errors > 0) terminal.say(`${formatCount(errors, 'error')}; nothing was started.`)
}

/**
 * The findings for people, from the top of the file down. Notes are already in the lists of dependencies,
 * and in JSON; they are printed only to explain a circle of steps.
 */
export function findingsToShow(findings: readonly Finding[]): readonly Finding[] {
  const hasCycle = findings.some(({ code }) => code === 'dependency_cycle')
  const shown = findings.filter(({ severity }) => severity !== 'info' || hasCycle)
  const files = [...new Set(shown.map(({ file }) => file))]
  const placeOf = ({ file, line = 0, column = 0 }: Finding) => [files.indexOf(file), line, column] as const
  return shown.toSorted((a, b) => comparePlaces(placeOf(a), placeOf(b)))
}

function comparePlaces(a: readonly number[], b: readonly number[]): number {
  return a.map((part, index) => part - b[index]!).find((difference) => difference !== 0) ?? 0
}

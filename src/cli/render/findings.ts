import type { Finding } from '../../pipeline/language/diagnostics/finding.ts'
import type { Verdict } from '../../runtime/ports/pipelines.ts'
import { findingText } from '../terminal/errors.ts'
import { count } from '../terminal/format.ts'
import type { Terminal } from '../terminal/terminal.ts'

/** Says on stderr what is wrong or doubtful in a file, and counts the errors. */
export function sayFindings(terminal: Terminal, { findings, valid }: Verdict): void {
  for (const finding of toldOf(findings)) terminal.say(findingText(finding, terminal.folder))
  if (!valid) terminal.say(`${count(errorsIn(findings), 'error')}; nothing was started.`)
}

/**
 * What people are told, from the top of the file down. What is merely worth knowing is in the lists of what each step waits for,
 * and in JSON; only where steps wait for each other does it say why.
 */
export function toldOf(findings: readonly Finding[]): readonly Finding[] {
  const hasCycle = findings.some(({ code }) => code === 'dependency_cycle')
  const told = findings.filter(({ severity }) => severity !== 'info' || hasCycle)
  const files = [...new Set(told.map(({ file }) => file))]
  const placeOf = ({ file, line = 0, column = 0 }: Finding) => [files.indexOf(file), line, column] as const
  return told.toSorted((a, b) => comparePlaces(placeOf(a), placeOf(b)))
}

function comparePlaces(a: readonly number[], b: readonly number[]): number {
  return a.map((part, index) => part - b[index]!).find((difference) => difference !== 0) ?? 0
}

function errorsIn(findings: readonly Finding[]): number {
  return findings.filter(({ severity }) => severity === 'error').length
}

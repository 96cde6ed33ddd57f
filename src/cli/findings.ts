import type { Finding, Verdict } from '../runtime.ts'
import { findingText } from './errors.ts'
import type { Terminal } from './terminal.ts'
import { count } from './words.ts'

/** Says on stderr what is wrong or doubtful in a file, as it came, and counts the errors; what is merely worth knowing `validate` tells. */
export function sayFindings(terminal: Terminal, { findings, valid }: Verdict): void {
  for (const finding of findings) {
    if (finding.severity !== 'info') terminal.say(findingText(finding, terminal.folder))
  }
  if (!valid) terminal.say(`${count(errorsIn(findings), 'error')}; nothing was started.`)
}

function errorsIn(findings: readonly Finding[]): number {
  return findings.filter(({ severity }) => severity === 'error').length
}

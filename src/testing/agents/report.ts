import type { AgentTranscript } from './transcript.ts'

/** How a case ended. `notes` says what may be wrong and fails no case; `ms` is its time. */
export type AgentCaseReport = {
  readonly name: string
  readonly passed: boolean
  readonly failures: readonly string[]
  readonly notes: readonly string[]
  readonly transcript: AgentTranscript
  /** of its judge */
  readonly score?: number
  readonly ms: number
}

/** How the cases of an agent ended; plain data. */
export type AgentTestReport = {
  readonly agent: string
  readonly passed: boolean
  readonly cases: readonly AgentCaseReport[]
  readonly notes: readonly string[]
  /** dollars of all cases */
  readonly cost: number
  readonly ms: number
}

/** The report as text: a line for each case, and the faults of those that failed. */
export const reportText = (report: AgentTestReport): string =>
  [...report.cases.flatMap(caseLines), ...endLines(report)].join('\n')

/** The lines after the cases: notes, and how many cases failed. */
export function endLines({ agent, cases, notes }: AgentTestReport): readonly string[] {
  const failed = cases.filter(({ passed }) => !passed).length
  const all = cases.length === 1 ? '1 case' : `${cases.length} cases`
  return [
    ...notes.map((note) => `note: ${note}`),
    `${agent}: ${failed === 0 ? `${all} passed` : `${failed} of ${all} failed`}`,
  ]
}

export function caseLines({
  name,
  passed,
  failures,
  notes,
  transcript,
  score,
  ms,
}: AgentCaseReport): readonly string[] {
  const { rounds, calls, cost } = transcript
  const facts = [
    `${rounds} ${rounds === 1 ? 'round' : 'rounds'}`,
    `${calls.length} ${calls.length === 1 ? 'call' : 'calls'}`,
    ...(cost > 0 ? [`$${cost.toPrecision(2)}`] : []),
    ...(score === undefined ? [] : [`score ${score}`]),
    `${ms} ms`,
  ]
  return [
    `${passed ? '✓' : '✗'} ${name}  ${facts.join(', ')}`,
    ...failures.flatMap((failure) => failure.split('\n').map((line) => `    ${line}`)),
    ...notes.map((note) => `    note: ${note}`),
  ]
}

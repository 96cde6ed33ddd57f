import type { CodeReport } from '../../../agent/room/goals/port.ts'
import type { Cli } from '../../cli.ts'
import { askProgram } from '../../connect/ask-program.ts'
import { commandLine, formatCount } from '../../terminal/format.ts'
import type { Terminal } from '../../terminal/terminal.ts'

type Options = { readonly json?: boolean | undefined; readonly timeout: number }

/** `agent check PROGRAM`: the goals in flight that would wait if it were deployed. Exit code 1 if there are any. */
export async function checkProgram({ terminal }: Cli, program: string, options: Options): Promise<number> {
  const { json = false, timeout } = options
  const { data, report } = await askProgram('done', program, terminal, timeout)
  if (json) terminal.json(report)
  else printReport(terminal, program, data, report)
  return report.changes.every(({ outcome }) => outcome === 'goes-on') ? 0 : 1
}

const OUTCOMES: { readonly [Outcome in CodeReport['changes'][number]['outcome']]: string } = {
  'goes-on': 'would go on with the new code',
  asks: 'would wait for an answer',
  keeps: 'would wait for the old code, as the agent says',
  lacks: 'would wait for code that this program does not have',
}

/** Goals whose ids are shown for each change. */
const MAX_IDS = 3

function printReport(terminal: Terminal, program: string, data: string, { changes }: CodeReport): void {
  if (changes.length === 0) terminal.say(`No goal in ${data} needs code that ${program} does not have.`)
  for (const { agent, outcome, changes: lines, goals } of changes) {
    terminal.out(`${agent}  ${formatCount(goals.length, 'goal')}  ${OUTCOMES[outcome]}`)
    for (const line of lines) terminal.out(`  ${line}`)
    const more = goals.length > MAX_IDS ? ` and ${goals.length - MAX_IDS} more` : ''
    terminal.out(`  ${goals.slice(0, MAX_IDS).join(', ')}${more}`)
    if (outcome !== 'asks') continue
    const command = commandLine(['agent', 'resume', '--all', '--agent', agent, '--with-new-code'], terminal.environment)
    terminal.out(`  After the deploy, to let them go on: ${command}`)
  }
}

import type { CodeReport } from '../../../agent/room/goals/port.ts'
import { InvalidError } from '../../../errors.ts'
import { resolveGoalId } from '../../arguments/ids.ts'
import { type Cli, type ConnectionTarget, targetOf } from '../../cli.ts'
import { withRuntime } from '../../connect/session.ts'
import { formatCount } from '../../terminal/format.ts'
import type { Terminal } from '../../terminal/terminal.ts'

type Options = ConnectionTarget & {
  readonly withNewCode?: boolean | undefined
  readonly all?: boolean | undefined
  readonly agent?: string | undefined
  readonly json?: boolean | undefined
}

/**
 * `agent resume GOAL|--all --with-new-code`: one answer for goals whose code has changed. The program that has the code
 * must run. Exit code 1 if no process has it.
 */
export function resumeWithNewCode(cli: Cli, goal: string | undefined, options: Options): Promise<number> {
  checkOptions(goal, options)
  const { agent, json = false } = options
  const command = `antiphon agent resume ${goal ?? '--all'} --with-new-code`
  return withRuntime(cli, { command, ...targetOf(options) }, async ({ client }) => {
    const which =
      goal !== undefined ? { goal: await resolveGoalId(client, goal) } : agent === undefined ? {} : { agent }
    const report = await client.goals.adopt(which)
    if (json) cli.terminal.json(report)
    else printReport(cli.terminal, report)
    return report.changes.some(({ outcome }) => outcome === 'lacks') ? 1 : 0
  })
}

function checkOptions(goal: string | undefined, { withNewCode, all, agent }: Options): void {
  const fault = (message: string) =>
    new InvalidError(message, { hint: 'Write for example: antiphon agent resume --all --with-new-code' })
  if (goal === undefined && !all) throw fault('Expected a goal, or --all.')
  if (goal !== undefined && all) throw fault('Expected either a goal or --all, got both.')
  if (!withNewCode)
    throw fault('--all needs --with-new-code: goals that wait for something else are answered one by one.')
  if (agent !== undefined && !all) throw fault('--agent needs --all.')
}

const OUTCOMES: { readonly [Outcome in CodeReport['changes'][number]['outcome']]: string } = {
  'goes-on': 'with the new code from now on',
  asks: 'not yet: its code has changed again',
  keeps: 'waits for the old code, as its agent says',
  lacks: 'not possible here: start the program first',
}

/** Prints the goals whose code has changed, and what becomes of them. */
function printReport(terminal: Terminal, { changes }: CodeReport): void {
  if (changes.length === 0) terminal.say('No goal waits for code that has changed.')
  for (const { agent, outcome, changes: lines, goals } of changes) {
    terminal.out(`${formatCount(goals.length, 'goal')} of ${agent}: ${OUTCOMES[outcome]}`)
    for (const line of lines) terminal.out(`  ${line}`)
  }
}

import { Command } from 'commander'
import type { Retried } from '../../../runtime/ports/inspector.ts'
import { DATA_OPTION, examples } from '../../arguments/options.ts'
import type { Cli } from '../../cli.ts'
import { type Session, withRuntime } from '../../connect/session.ts'
import type { Whereabouts } from '../../connect/target.ts'
import { oneLine } from '../../render/draw.ts'
import { printJson, printLines } from '../../render/print.ts'

type Options = Whereabouts & { readonly json?: boolean }

/** `deadletters retry ID…`: sends them again and says what came of each. */
export function retryCommand(cli: Cli): Command {
  return new Command('retry')
    .description('Send dead letters again, and say what came of it. Exit code 1 when one failed again.')
    .argument('<id...>', 'the ids of the letters')
    .option('--json', 'print what came of them as JSON')
    .option(...DATA_OPTION)
    .addHelpText('after', examples('deadletters retry 3xJd0vQ', 'deadletters retry 3xJd0vQ 9fKp2mA --json'))
    .action(async (ids: readonly string[], options: Options) => cli.exit(await retry(cli, ids, options)))
}

function retry(cli: Cli, ids: readonly string[], { json = false, ...where }: Options): Promise<number> {
  const { terminal } = cli
  return withRuntime(cli, { command: 'antiphon deadletters retry', ...where }, async (session) => {
    const results: Retried[] = []
    for (const id of ids) {
      const result = await session.client.inspector.retry(id, session.signal)
      results.push(result)
      if (!json) printLines(terminal, retriedLines(id, result, session))
    }
    if (json) printJson(terminal, results)
    return results.every(({ outcome }) => outcome === 'taken') ? 0 : 1
  })
}

function retriedLines(
  before: string,
  { id, to, correlationId, outcome, problem }: Retried,
  { command }: Session,
): readonly string[] {
  switch (outcome) {
    case 'taken':
      return [`${before}: taken by ${to}. What it belongs to: ${command('why', correlationId)}`]
    case 'failed':
      return [
        `${before}: failed again, ${problem?.code}: ${oneLine(problem?.message ?? '', 200)}`,
        `  now kept as ${id}`,
      ]
    case 'pending':
      return [`${before}: sent to ${to} as ${id}, not taken yet. To see why: ${command('why', to)}`]
  }
}

import { Command } from 'commander'
import type { PoolsDocument } from '../../../runtime/ports/maintenance.ts'
import { DATA_OPTION, exampleText, parseSeconds } from '../../arguments/options.ts'
import type { Cli } from '../../cli.ts'
import { withReader } from '../../connect/reader.ts'
import { withRuntime } from '../../connect/session.ts'
import { type ConnectionTarget, targetOf } from '../../connect/target.ts'
import { poolLines } from '../../render/pools.ts'
import { jsonText, printLines } from '../../render/print.ts'
import { untilUnread } from '../../terminal/terminal.ts'
import { redrawUntil, repeatUntil } from './live.ts'

type Options = ConnectionTarget & { readonly json?: boolean; readonly watch?: boolean; readonly interval?: number }

/** `pools`: the queues of work and their workers. */
export function poolsCommand(cli: Cli): Command {
  return new Command('pools')
    .description(
      'Show pools of workers, and what waits for them. The pools belong to the process that owns the data folder.',
    )
    .option('--watch', 'update until Ctrl-C')
    .option('--interval <seconds>', 'time between updates with --watch (default: 2)', parseSeconds)
    .option('--json', 'print each update as a line of JSON')
    .option(...DATA_OPTION)
    .addHelpText('after', exampleText('pools', 'pools --watch', 'pools --json'))
    .action(async (options: Options) => cli.exit(await pools(cli, options)))
}

function pools(cli: Cli, options: Options): Promise<number> {
  const { json = false, watch = false, interval = 2 } = options
  const { terminal } = cli
  const command = { command: 'antiphon pools', ...targetOf(options) }
  const draw = (seen: PoolsDocument) => poolLines(seen, Date.now())
  const print = (seen: PoolsDocument) => (json ? terminal.out(jsonText(seen)) : printLines(terminal, draw(seen)))
  if (!watch)
    return withReader(cli, command, async ({ client }) => {
      print(await client.inspector.pools())
      return 0
    })
  return withRuntime(cli, command, (session) => {
    const seen = () => session.client.inspector.pools()
    return terminal.live && terminal.outLive && !json
      ? redrawUntil(seen, session.signal, interval * 1000, draw)
      : repeatUntil(seen, untilUnread(session.signal, terminal), interval * 1000, print)
  })
}

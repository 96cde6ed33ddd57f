import type { PoolsDocument } from '../../../runtime/ports/maintenance.ts'
import { parseSeconds } from '../../arguments/options.ts'
import { command, targetOf } from '../../cli.ts'
import { withReader, withRuntime } from '../../connect/session.ts'
import { poolLines } from '../../render/pools.ts'
import { untilUnread } from '../../terminal/terminal.ts'
import { redrawUntil, repeatUntil } from './live.ts'

export const poolsCommand = command({
  name: 'pools',
  about: 'Show pools of workers, and what waits for them. The pools belong to the process that owns the data folder.',
  options: [
    ['--watch', 'update until Ctrl-C'],
    ['--interval <seconds>', 'time between updates with --watch (default: 2)', { parse: parseSeconds }],
    ['--json', 'print each update as a line of JSON'],
  ],
  at: 'server',
  examples: ['pools', 'pools --watch', 'pools --json'],
  run(cli, options) {
    const { json = false, watch = false, interval = 2 } = options
    const { terminal } = cli
    const command = { command: 'antiphon pools', ...targetOf(options) }
    const draw = (seen: PoolsDocument) => poolLines(seen, Date.now())
    const print = (seen: PoolsDocument) => (json ? terminal.jsonLine(seen) : terminal.lines(draw(seen)))
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
  },
})

import { setTimeout as sleep } from 'node:timers/promises'
import { parseSeconds } from '../../arguments/options.ts'
import { command } from '../../command.ts'
import { withReader } from '../../connect/reader.ts'
import { type Session, withRuntime } from '../../connect/session.ts'
import { targetOf } from '../../connect/target.ts'
import { jsonText, printLines } from '../../render/print.ts'
import { untilUnread } from '../../terminal/terminal.ts'
import { redrawUntil, repeatUntil } from './live.ts'
import { drawTop } from './top-draw.ts'
import { createSampler, type TopSample } from './top-sample.ts'

/** `top`: shows the work of the process that owns the folder. */
export const topCommand = command({
  name: 'top',
  about:
    'Watch runs, pools, actors and rates. On a terminal the view is redrawn until Ctrl-C; otherwise it is printed once.',
  options: [
    [
      '--interval <seconds>',
      'time between updates; also repeats without a terminal (default: 2 on a terminal)',
      { parse: parseSeconds },
    ],
    ['--json', 'print each update as a line of JSON'],
  ],
  at: 'server',
  examples: ['top', 'top --json', 'top --json --interval 10'],
  run(cli, options) {
    const { json = false, interval } = options
    const { terminal } = cli
    const command = { command: 'antiphon top', ...targetOf(options) }
    const isLive = terminal.live && terminal.outLive && !json
    const print = (seen: TopSample) =>
      json
        ? terminal.out(jsonText(seen))
        : printLines(terminal, drawTop(seen, { ...terminal, colors: terminal.outColors }))
    const sample = ({ client }: Session) => createSampler(client)
    if (isLive)
      return withRuntime(cli, command, (session) =>
        redrawUntil(sample(session), session.signal, (interval ?? 2) * 1000, (seen) => drawTop(seen, terminal)),
      )
    if (interval !== undefined)
      return withRuntime(cli, command, (session) =>
        repeatUntil(sample(session), untilUnread(session.signal, terminal), interval * 1000, print),
      )
    return withReader(cli, command, async ({ client }) => {
      const sample = createSampler(client)
      await sample()
      await sleep(SAMPLE_PAUSE_MS)
      print(await sample())
      return 0
    })
  },
})

/** ms between the two samples of a rate. */
const SAMPLE_PAUSE_MS = 1000

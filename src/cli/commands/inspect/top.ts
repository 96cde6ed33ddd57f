import { setTimeout as sleep } from 'node:timers/promises'
import { formatSize } from '../../../lib/text/format-size.ts'
import { parseSeconds } from '../../arguments/options.ts'
import { command, targetOf } from '../../cli.ts'
import { type Session, withReader, withRuntime } from '../../connect/session.ts'
import { fitLine, formatCount, formatDuration, oneLine } from '../../terminal/format.ts'
import { type Terminal, untilUnread } from '../../terminal/terminal.ts'
import { redrawUntil, repeatUntil } from './live.ts'
import { createSampler, MAX_RUNS, type TopSample } from './top-sample.ts'

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
      json ? terminal.jsonLine(seen) : terminal.lines(drawTop(seen, { ...terminal, colors: terminal.outColors }))
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

type Screen = Pick<Terminal, 'rows' | 'columns' | 'colors'>

/** A sample as lines that fit the screen; runs without room are counted. */
export function drawTop(top: TopSample, { rows, columns, colors }: Screen): readonly string[] {
  const { at, pid, data, uptime, runs } = top
  const head = [`process ${pid}, up ${formatDuration(uptime)}, in ${data}`, ...aboveRuns(top)]
  const room = Math.max(1, rows - head.length - 3)
  const width = Math.max(0, ...runs.slice(0, room).map(({ id }) => id.length))
  const listed = runs
    .slice(0, room)
    .map(
      (run) =>
        `  ${run.id.padEnd(width)}  ${formatDuration(Math.max(0, at - run.startedAt)).padStart(9)}  ${run.status === 'waiting' ? 'waiting  ' : ''}${oneLine(run.name, 60)}`,
    )
  const more = runs.length > room ? [`  … and ${formatCount(runs.length - room, 'more run')}`] : []
  return [...head, ...listed, ...more].map((line, place) => styled(fitLine(line, columns), place === 0, colors))
}

const styled = (line: string, isHead: boolean, colors: Screen['colors']) => (isHead ? colors.bold(line) : line)

function aboveRuns({ active, runs, engine, rates, use, pools, ...waits }: TopSample): readonly string[] {
  const { waiting, money, decisions, consents, letters } = waits
  const people = waiting > 0 ? [`${formatCount(waiting, 'step')} for people (antiphon inbox)`] : []
  const short = money > 0 ? [`${money} for money (antiphon inbox)`] : []
  const undecided = decisions > 0 ? [`${formatCount(decisions, 'question')} for a decision (antiphon inbox)`] : []
  const unsaid = consents > 0 ? [`${formatCount(consents, 'thread')} for consent (antiphon inbox)`] : []
  const held = runs.filter(({ status }) => status === 'waiting').length
  const failed = letters > 0 ? [`${formatCount(letters, 'dead letter')} (antiphon deadletters list)`] : []
  return [
    ...useLines(use, rates.cpu),
    ...rateLines(rates),
    ...(engine ? [`actors  ${engine.residents} in memory, ${formatCount(engine.waiting, 'message')} waiting`] : []),
    ...pools.map(
      ({ id, workers, running, queued, done, failed: lost }) =>
        `pool    ${id}: ${running} of ${workers} busy, ${queued} queued, ${done} done, ${lost} failed`,
    ),
    `runs    ${runs.length < MAX_RUNS ? '' : `of the ${MAX_RUNS} newest: `}${[`${runs.length - held} running`, ...(held > 0 ? [`${held} waiting`] : []), `${active} at work here`, ...people, ...short, ...undecided, ...unsaid, ...failed].join(', ')}`,
  ]
}

/** `cpu`: the share of a core. */
function useLines(use: TopSample['use'], cpu: number | undefined): readonly string[] {
  if (!use) return []
  const group = use.group === undefined ? '' : ` (${formatSize(use.group)} with the processes of its calls)`
  const share = cpu === undefined ? '' : `${Math.round(100 * cpu)} % of a core, `
  return [`use     ${share}${formatSize(use.memory)} of memory${group}`]
}

function rateLines({ turns, commits, flushes, bytes, tasks }: TopSample['rates']): readonly string[] {
  const parts = [
    ...(turns === undefined ? [] : [`${Math.round(turns)} turns/s`]),
    ...(commits === undefined ? [] : [`${Math.round(commits)} commits/s`]),
    ...(flushes === undefined ? [] : [`${Math.round(flushes)} flushes/s`]),
    ...(bytes === undefined ? [] : [`${formatSize(Math.round(bytes))}/s to disk`]),
    ...(tasks === undefined ? [] : [`${Math.round(tasks)} tasks/s`]),
  ]
  return parts.length === 0 ? [] : [`rates   ${parts.join(', ')}`]
}

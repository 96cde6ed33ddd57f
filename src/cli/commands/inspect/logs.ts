import type { Client } from '../../../http/client/client.ts'
import type { RunDocument } from '../../../run/document.ts'
import { readRef } from '../../arguments/ids.ts'
import { parseLifetime, parseWholeNumber } from '../../arguments/options.ts'
import { type Cli, type ConnectionTarget, command, type OptionRecord, type OptionsOf, targetOf } from '../../cli.ts'
import { type Session, withReader, withRuntime } from '../../connect/session.ts'
import { redacted } from '../../render/redact.ts'
import { indentLines, jsonText, singleLine } from '../../terminal/escape.ts'
import { tailOf } from './live.ts'
import { createLogFormatter } from './log-lines.ts'

const OPTIONS = [
  ['-f, --follow', 'continue with new events until the end or Ctrl-C'],
  ['-n, --lines <number>', 'only this many of the last events', { parse: parseWholeNumber }],
  [
    '--since <time>',
    'only events of the last 30m, 12h or 7d; an event without a time counts as the one before it',
    { parse: parseLifetime },
  ],
  ['--json', 'print each event as a line of JSON'],
] as const satisfies readonly OptionRecord[]
type Options = ConnectionTarget & OptionsOf<typeof OPTIONS>

export const logsCommand = command({
  name: 'logs',
  about:
    'Print the events of a run, a thread or an actor. A stored event has the time of its run or thread; a new event has the time of its arrival.',
  args: [['<ref>', 'id of a run, an open question or a thread, or KIND/KEY of an actor']],
  options: OPTIONS,
  at: 'server',
  examples: ['logs run_3xJd0vQ', 'logs -f run_3xJd0vQ', 'logs main -n 20 --json'],
  run(cli, ref, options) {
    const { follow = false } = options
    const command = { command: 'antiphon logs', ...targetOf(options) }
    const print = (session: Session) => printLogs(cli, session, ref, options)
    return follow ? withRuntime(cli, command, print) : withReader(cli, command, print)
  },
})

async function printLogs({ terminal }: Cli, session: Session, ref: string, options: Options): Promise<number> {
  const { follow = false, json = false, lines: most = Number.POSITIVE_INFINITY, since } = options
  const { client } = session
  const { of, events: last } = await readRef(client, ref, client.inspector.actor)
  const times = await createEventClock(client, of)
  const lineOf = createLogFormatter(of, terminal.outColors)
  const from = since === undefined ? 0 : Date.now() - since
  let now = 0
  if (last === 0 && !follow) return 0
  for await (const { n, body } of tailOf(session, terminal, of)) {
    const at = n > last ? Date.now() : times(body)
    now = at ?? now
    // skipped events are read, too: a line may depend on earlier events
    const line = lineOf(body, at)
    if (n > last - most && now >= from) terminal.out(json ? jsonLine(n, at, body) : singleLine(line) + framesOf(body))
    if (isEnd(of, body) || (n >= last && !follow)) break
  }
  return 0
}

function jsonLine(n: number, at: number | undefined, body: unknown): string {
  const shown = redacted(body, { cut: false }) as object
  const time = at !== undefined && { at: new Date(at).toISOString() }
  // an event of a thread has its own time, as a number
  return jsonText({ n, ...time, ...shown, ...time })
}

/** Where in a user's code a step failed: below its line, a frame per line. */
function framesOf(body: unknown): string {
  const { problem } = (body ?? {}) as { readonly problem?: { readonly stack?: unknown; readonly step?: unknown } }
  // the end of a run repeats what its step said
  return typeof problem?.stack === 'string' && problem.step === undefined ? indentLines(`\n${problem.stack}`) : ''
}

/** A run tells nothing after its end; a thread may be asked again. */
function isEnd(of: string, body: unknown): boolean {
  return of.startsWith('run/') && (body as { readonly type?: unknown } | null)?.type === 'run-end'
}

/** When an event happened (ms since the epoch), if a run or a thread records it; other actors record no times. */
export async function createEventClock(client: Client, of: string): Promise<(body: unknown) => number | undefined> {
  if (of.startsWith('chain/')) return timeSaid
  if (!of.startsWith('run/')) return () => undefined
  const run = await client.runs.get(of.slice('run/'.length))
  return (body) => timeIn(run, body)
}

function timeSaid(body: unknown): number | undefined {
  const { at } = (body ?? {}) as { readonly at?: unknown }
  return typeof at === 'number' ? at : undefined
}

function timeIn({ started_at, completed_at, steps }: RunDocument, body: unknown): number | undefined {
  const { type, step = '' } = (body ?? {}) as { readonly type?: string; readonly step?: string }
  switch (type) {
    case 'run-start':
      return momentIn(started_at)
    case 'run-end':
      return momentIn(completed_at)
    case 'step-start':
      return momentIn(steps[step]?.started_at)
    case 'step-end':
      return momentIn(steps[step]?.completed_at)
    default:
      return undefined
  }
}

function momentIn(text: string | null | undefined): number | undefined {
  const at = text ? Date.parse(text) : Number.NaN
  return Number.isNaN(at) ? undefined : at
}

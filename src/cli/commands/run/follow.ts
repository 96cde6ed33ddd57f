import { setTimeout as sleep } from 'node:timers/promises'
import { runRef } from '../../../house/actors.ts'
import { ownerGone } from '../../../http/client/transport/errors.ts'
import { isStep } from '../../../inbox/room/port.ts'
import type { Json } from '../../../kernel/json.ts'
import { nameOf } from '../../../kernel/ref.ts'
import type { RunDocument } from '../../../run/document.ts'
import { resolveOutputFile, writeDocument } from '../../arguments/output-file.ts'
import type { Cli, OptionRecord } from '../../cli.ts'
import type { Session } from '../../connect/session.ts'
import { viewRun } from '../../render/live-view.ts'
import { printRun } from '../../render/print.ts'
import { linesOf } from '../answer/inbox.ts'
import { stallsElsewhere, whyLines } from '../inspect/why.ts'
import { createPrompter } from './prompts.ts'

/** `-o FILE`: the document of the run, whatever else is printed. */
export const OUTPUT_OPTION = [
  '-o, --output <file>',
  'also write the run as JSON to this file, even if it fails',
  { conflicts: 'detach' },
] as const satisfies OptionRecord

/** The output for a run: its outputs, the document, or events as lines of JSON; `output`: the document's file. */
type OutputForm = {
  readonly json?: boolean
  readonly events?: boolean
  readonly output?: string
  /** without a terminal, a run that waits for a person is followed on */
  readonly wait?: boolean
}

/** Reads the output options; InvalidError, before the run starts, if the file cannot be written. */
export function outputFormOf(
  { terminal }: Cli,
  { output, ...shape }: OutputForm,
  read: readonly string[] = [],
): OutputForm {
  return { ...shape, ...(output !== undefined && { output: resolveOutputFile(output, terminal.folder, read) }) }
}

/**
 * Shows a run on stderr until it ends, prints its result, and returns the exit code; when interrupted, it prints the
 * state so far. Without a terminal it returns when only people can continue the run.
 */
export async function followToEnd(cli: Cli, session: Session, id: string, shape: OutputForm): Promise<number> {
  session.goOnWith(session.command('resume', id))
  session.atInterrupt(async () => {
    if (shape.json || shape.output !== undefined) await tell(cli, await session.client.runs.get(id), shape)
  })
  const end = await watchRun(cli, session, id, shape)
  const run = await session.client.runs.get(id)
  if (end === 'over' || shape.json || shape.output !== undefined) await tell(cli, run, shape)
  if (end === 'waits') await tellWaits(cli, session, id)
  return exitOf(run)
}

/** Says what a run waits for: questions, with the commands that answer, or whatever `why` says. */
async function tellWaits({ terminal }: Cli, { client, command }: Session, id: string): Promise<void> {
  const items = (await client.inbox.list({ limit: 1000 })).filter(isStep)
  const within = items.filter(({ run }) => run === id || run.startsWith(`${id}.`))
  if (within.length === 0) {
    const why = await client.inspector.why(nameOf(runRef(id)))
    const telling = { now: Date.now(), command, answers: new Map<string, string>(), colors: terminal.colors }
    for (const line of whyLines(why, telling)) terminal.say(line)
    return
  }
  terminal.say(`${id} waits (exit code 1):`)
  for (const item of within) for (const line of linesOf(item, command, false)) terminal.say(`  ${line}`)
  terminal.say(`To continue after that:\n  ${command('resume', id)}`)
}

async function tell({ terminal }: Cli, run: RunDocument, { json = false, events = false, output }: OutputForm) {
  if (!events) printRun(terminal, run, json)
  if (output !== undefined) await writeDocument(terminal, output, run)
}

/** Shows a run until it ends. `waits`: only people can continue it, and none of them is at this terminal. */
export async function watchRun(
  { terminal }: Cli,
  session: Session,
  id: string,
  { events = false, wait = false }: OutputForm,
): Promise<'over' | 'waits'> {
  const { client, signal } = session
  const rest = untilAtRest(client, id)
  const mayLeave = !wait && !terminal.read
  const { command } = session
  const view = await viewRun(terminal, client, id, (why) => {
    const found = stallsElsewhere(why, id, { now: Date.now(), command, colors: terminal.colors })
    if (found.length > 0 && mayLeave) rest.look(true)
    return found
  })
  const asker = createPrompter(terminal, client, view, signal)
  const close = () => view.close()
  signal.addEventListener('abort', close, { once: true })
  const leave = () => terminal.say(unansweredText(session, id))
  asker.gone.addEventListener('abort', leave, { once: true })
  try {
    for await (const { n, body } of client.runs.events(id, { signal: AbortSignal.any([signal, rest.signal]) })) {
      if (n !== undefined && events) terminal.jsonLine({ n, ...(body as object) })
      const shown = signal.aborted ? undefined : viewEvent(n, body, terminal.live, Date.now())
      if (shown !== undefined) view.take(shown)
      const {
        type,
        run = id,
        step = '',
      } = body as { readonly type?: string; readonly run?: string; readonly step?: string }
      if (type === 'signal-wait') asker.look(run)
      if (type === 'step-end') asker.over(id, step)
      if (type === 'run-end') return 'over'
      if (mayLeave) rest.look(type === 'signal-wait' || type === 'goal-wait' || type === 'code-wait')
    }
    if (rest.signal.aborted) return 'waits'
    throw ownerGone()
  } finally {
    rest.close()
    close()
  }
}

/** Looks, some time after a wait was told, whether only people can continue a run. `signal`: that is so. */
function untilAtRest(client: Session['client'], id: string) {
  const [rest, ended] = [new AbortController(), new AbortController()]
  let isAsked = false
  let looking = false
  const look = async (): Promise<void> => {
    looking = true
    await sleep(LOOK_MS)
    looking = false
    if (!ended.signal.aborted && (await client.runs.get(id)).status === 'waiting') rest.abort()
  }
  return {
    signal: rest.signal,
    look(isWait: boolean) {
      isAsked ||= isWait
      if (isAsked && !looking) look().catch(() => {})
    },
    close: () => ended.abort(),
  }
}

const LOOK_MS = 50

/** The message shown after the user closes the input: the run waits, and others may answer. */
const unansweredText = ({ command }: Session, id: string) =>
  [
    'The run waits for an answer. To see the question, and to continue the run after Ctrl-C:',
    `  ${command('inbox')}`,
    `  ${command('resume', id)}`,
  ].join('\n')

/**
 * The events of a run that a view uses: durable ones, and on a screen the pause of a failed step in its
 * place; undefined: nothing. `now` in ms since the epoch.
 */
export function viewEvent(n: number | undefined, body: Json, live: boolean, now: number): Json | undefined {
  if (n !== undefined) return body
  const { type, delay = 0, ...retry } = body as { readonly type?: string; readonly delay?: number }
  return live && type === 'step-retry' ? { ...retry, type: 'step-wait', until: now + delay } : undefined
}

function exitOf({ status, success }: RunDocument): number {
  if (success) return 0
  return status === 'cancelled' ? 130 : 1
}

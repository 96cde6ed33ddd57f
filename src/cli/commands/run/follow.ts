import { ownerGone } from '../../../http/client/transport/errors.ts'
import type { Json } from '../../../kernel/schema.ts'
import type { RunDocument } from '../../../pipeline/report/document.ts'
import { resolveOutputFile, writeDocument } from '../../arguments/output-file.ts'
import type { Cli } from '../../cli.ts'
import type { Session } from '../../connect/session.ts'
import { viewRun } from '../../render/live-view.ts'
import { jsonText, printRun } from '../../render/print.ts'
import { createPrompter } from './prompts.ts'

/** The output for a run: its outputs, the document, or each durable event as a line of JSON; `output` also writes the document to a file. */
export type OutputForm = { readonly json?: boolean; readonly events?: boolean; readonly output?: string }

/** Reads the output options; InvalidError, before the run starts, if the file cannot be written. */
export function outputFormOf(
  { terminal }: Cli,
  { output, ...shape }: OutputForm,
  read: readonly string[] = [],
): OutputForm {
  return { ...shape, ...(output !== undefined && { output: resolveOutputFile(output, terminal.folder, read) }) }
}

/** Shows a run on stderr until it ends, prints its result, and returns the exit code; when interrupted, it prints the state so far. */
export async function followToEnd(cli: Cli, session: Session, id: string, shape: OutputForm): Promise<number> {
  session.goOnWith(session.command('resume', id))
  session.atInterrupt(async () => {
    if (shape.json || shape.output !== undefined) await tell(cli, await session.client.runs.get(id), shape)
  })
  await watch(cli, session, id, shape.events ?? false)
  const run = await session.client.runs.get(id)
  await tell(cli, run, shape)
  return exitOf(run)
}

async function tell({ terminal }: Cli, run: RunDocument, { json = false, events = false, output }: OutputForm) {
  if (!events) printRun(terminal, run, json)
  if (output !== undefined) await writeDocument(terminal, output, run)
}

async function watch({ terminal }: Cli, session: Session, id: string, events: boolean): Promise<void> {
  const { client, signal } = session
  const view = await viewRun(terminal, client)
  const asker = createPrompter(terminal, client, view, signal)
  const close = () => view.close()
  signal.addEventListener('abort', close, { once: true })
  const leave = () => terminal.say(unansweredText(session, id))
  asker.gone.addEventListener('abort', leave, { once: true })
  try {
    for await (const { n, body } of client.runs.events(id, { signal })) {
      if (n !== undefined && events) terminal.out(jsonText({ n, ...(body as object) }))
      const shown = signal.aborted ? undefined : viewEvent(n, body, terminal.live, Date.now())
      if (shown !== undefined) view.take(shown)
      const {
        type,
        run = id,
        step = '',
      } = body as { readonly type?: string; readonly run?: string; readonly step?: string }
      if (type === 'signal-wait') asker.look(run)
      if (type === 'step-end') asker.over(id, step)
      if (type === 'run-end') return
    }
    throw ownerGone()
  } finally {
    close()
  }
}

/** What a person reads who has ended the input: the run waits, and others may answer. */
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

import { relative } from 'node:path'
import { errorOf, InvalidError, unlessMissing } from '../../../errors.ts'
import type { Changes } from '../../../pipeline/room/documents.ts'
import { answerOf } from '../../../thread/room/port.ts'
import { RUN_ARGUMENT, resolveWork, threadWith } from '../../arguments/ids.ts'
import { EVENTS_OPTION, newId, WAIT_OPTION } from '../../arguments/options.ts'
import { type Cli, command, targetOf } from '../../cli.ts'
import { type Session, withRuntime } from '../../connect/session.ts'
import { viewAsk } from '../../render/live-view.ts'
import { printAnswer } from '../../render/print.ts'
import { followBulk } from './bulk.ts'
import { followToEnd, OUTPUT_OPTION, outputFormOf } from './follow.ts'

export const resumeCommand = command({
  name: 'resume',
  about:
    'Resume an interrupted run, or follow a running one. A run that has failed continues as a new run that reuses its finished steps. Prints the outputs at the end. It also goes on with an operation on many runs.',
  args: [
    ['<run>', `${RUN_ARGUMENT}; or id of a question (ask_…) that has failed, or of an operation on many runs (bulk_…)`],
  ],
  options: [
    ['--thread <id>', 'the thread of the question, if it is old'],
    ['--as-started', 'use the pipeline as it was when the run started, even if the file has changed'],
    [
      '--changed',
      'use the file as it is now: cancel this run and start a new one that reuses its results',
      { conflicts: 'asStarted' },
    ],
    ['--json', 'print the run as JSON'],
    OUTPUT_OPTION,
    EVENTS_OPTION,
    WAIT_OPTION,
  ],
  at: 'server',
  examples: ['resume run_3xJd0vQ', 'resume run_3xJd0vQ --json'],
  run(cli, given, options) {
    const { asStarted, changed, thread, json = false } = options
    const shape = outputFormOf(cli, options)
    if (changed && options.server !== undefined) throw new InvalidError(NO_FILE)
    return withRuntime(cli, { command: `antiphon resume ${given}`, ...targetOf(options) }, async (session) => {
      const { kind, id } = await resolveWork(session.client, given, ['run', 'ask', 'bulk'], thread)
      if (kind === 'ask') return resumeAsk(cli, session, id, { thread, json })
      if (kind === 'bulk') return resumeBulk(cli, session, id, json)
      const changes: Changes = asStarted ? { steps: [] } : await changesOf(session, id)
      const { file, steps } = changes
      if (file !== undefined && steps.length > 0) {
        if (!changed) throw refusal(cli, session, id, { ...changes, file })
        return followToEnd(cli, session, await goOnWith(cli, session, id, file, steps), shape)
      }
      const { status } = await session.client.runs.get(id)
      if (status === 'failed') return followToEnd(cli, session, await goOnAsFork(cli, session, id), shape)
      await session.client.runs.resume(id)
      return followToEnd(cli, session, id, shape)
    })
  },
})

const NO_FILE = '--changed works only with local files. To start the changed pipeline: antiphon run FILE --reuse RUN'

/** A run without any event but its start has not begun, so its file does not matter. */
async function changesOf({ client }: Session, id: string): Promise<Changes> {
  return (await client.pipelines.changes(id).catch(unlessMissing)) ?? { steps: [] }
}

function refusal(
  cli: Cli,
  session: Session,
  id: string,
  { file, steps, model }: Changes & { readonly file: string },
): InvalidError {
  const shown = relative(cli.terminal.folder, file)
  const what = model ? `The default model is ${model.is} now, and ${model.was} answered in ${id}` : ''
  const message = what || `${shown} has changed since ${id} was started`
  return new InvalidError(`${message}: ${listed(steps)}.`, {
    code: 'pipeline_changed',
    hint: `To continue with the old text, or with the new one:\n  ${session.command('resume', id, '--as-started')}\n  ${session.command('resume', id, '--changed')}`,
  })
}

async function goOnWith(cli: Cli, { client }: Session, run: string, file: string, steps: readonly string[]) {
  const { id } = await client.runs.fork(run, { file })
  await client.runs.cancel(run, `it continues as ${id}`)
  cli.terminal.say(`${run} continues as ${id}. Run again: ${listed(steps)} and all steps after them.`)
  return id
}

/** A run that has failed continues as a new one, which reuses the results of its finished steps. */
async function goOnAsFork(cli: Cli, { client, isAway }: Session, run: string): Promise<string> {
  const interactive = cli.terminal.read !== undefined && { interactive: true }
  const { id } = await client.runs.fork(run, { ...(isAway && { id: newId('run') }), ...interactive })
  cli.terminal.say(`${run} has failed. It continues as ${id}, which reuses its finished steps.`)
  return id
}

function listed(steps: readonly string[]): string {
  const shown = steps.slice(0, 10).join(', ')
  return steps.length > 10 ? `${shown} and ${steps.length - 10} more` : shown
}

/** Follows an operation on many runs. A process that has the folder goes on with those that an earlier one left. */
function resumeBulk(cli: Cli, session: Session, id: string, json: boolean): Promise<number> {
  session.goOnWith(session.command('resume', id))
  return followBulk(cli.terminal, session, id, json)
}

type AskOptions = { readonly thread: string | undefined; readonly json: boolean }

/** Continues a question that has failed, follows it and prints its answer. */
async function resumeAsk(
  cli: Cli,
  { client, signal, command }: Session,
  id: string,
  { thread: named, json }: AskOptions,
): Promise<number> {
  const thread = await threadWith(client, id, named)
  await client.threads.resumeAsk(thread, id)
  const view = await viewAsk(cli.terminal, command('decide', id, 'accept'))
  signal.addEventListener('abort', () => view.close(), { once: true })
  for await (const { body } of client.threads.askEvents(thread, id, { signal })) if (!signal.aborted) view.take(body)
  view.close()
  if (signal.aborted) return 130
  const ask = await client.threads.getAsk(thread, id)
  const { status, degraded, problem } = ask
  if (status !== 'completed') {
    if (json) cli.terminal.json({ id, thread, status, degraded, problem })
    if (problem) throw errorOf(problem)
    return 1
  }
  printAnswer(cli.terminal, answerOf(id, thread, { ...ask, status }), json)
  return 0
}

import { InvalidError } from '../../../errors.ts'
import type { FollowedEvent } from '../../../house/describe.ts'
import { RUN_ARGUMENT, resolveWork, threadWith } from '../../arguments/ids.ts'
import { type Cli, type ConnectionTarget, command, type OptionRecord, type OptionsOf, targetOf } from '../../cli.ts'
import { type Session, withRuntime } from '../../connect/session.ts'
import { printRun } from '../../render/print.ts'

const OPTIONS = [
  ['--thread <id>', 'thread of the question, if it is old'],
  ['--reason <text>', 'why; stored with the run or the question', { default: 'cancelled by the user' }],
  ['--undo', 'undo completed steps first, where the pipeline has `on_failure: undo`'],
  ['--json', 'print the run or the question as JSON'],
] as const satisfies readonly OptionRecord[]
type Options = ConnectionTarget & OptionsOf<typeof OPTIONS>

export const cancelCommand = command({
  name: 'cancel',
  about: 'Cancel a run with its child runs, or a question. Running steps are interrupted; no new steps start.',
  args: [['<id>', `${RUN_ARGUMENT}; or id of a question (ask_…)`]],
  options: OPTIONS,
  at: 'server',
  examples: [
    'cancel run_3xJd0vQ',
    'cancel run_3xJd0vQ --reason "wrong topic"',
    'cancel run_3xJd0vQ --undo',
    'cancel ask_3xJd0vQ --thread lease',
  ],
  run: (cli, given, options) =>
    withRuntime(cli, { command: `antiphon cancel ${given}`, ...targetOf(options) }, async (session) => {
      const { kind, id } = await resolveWork(session.client, given, ['run', 'ask'], options.thread)
      return (kind === 'ask' ? cancelAsk : cancelRun)(cli, session, id, options)
    }),
})

async function cancelRun(
  cli: Cli,
  { client, signal }: Session,
  id: string,
  { reason, undo = false, json = false }: Options,
): Promise<number> {
  await client.runs.cancel(id, reason, { undo })
  await endOf(client.runs.events(id, { signal }), 'run-end')
  const run = await client.runs.get(id)
  if (json) printRun(cli.terminal, run, true)
  else cli.terminal.say(`${id} is ${run.status}.`)
  return run.status === 'cancelled' ? 0 : 1
}

async function cancelAsk(
  cli: Cli,
  { client, signal }: Session,
  id: string,
  { thread: named, reason, undo = false, json = false }: Options,
): Promise<number> {
  if (undo) throw new InvalidError('--undo works only with runs: a question has no effects to undo.')
  const thread = await threadWith(client, id, named)
  await client.threads.cancelAsk(thread, id, reason)
  await endOf(client.threads.askEvents(thread, id, { signal }), 'ask-end')
  const ask = await client.threads.getAsk(thread, id)
  if (json) cli.terminal.json(ask)
  else cli.terminal.say(`${id} is ${ask.status}.`)
  return ask.status === 'cancelled' ? 0 : 1
}

async function endOf(events: AsyncIterable<FollowedEvent>, type: string): Promise<void> {
  for await (const { body } of events) if ((body as { readonly type?: string }).type === type) return
}

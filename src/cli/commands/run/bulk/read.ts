import { setTimeout as sleep } from 'node:timers/promises'
import type { Bulk } from '../../../../bulk/room/contract.ts'
import type { RuntimeStatus } from '../../../../runtime/ports/maintenance.ts'
import { limitOption } from '../../../arguments/options.ts'
import { command, targetOf } from '../../../cli.ts'
import { listCommand } from '../../../client-command.ts'
import { type Session, withReader } from '../../../connect/session.ts'
import { localTime } from '../../../terminal/format.ts'
import type { Terminal } from '../../../terminal/terminal.ts'

export const listBulksCommand = listCommand({
  about: 'List operations on many runs, the newest first.',
  options: [limitOption('operations', 20), ['--json', 'print them as JSON']],
  examples: ['bulk list', 'bulk list --json'],
  ask: ({ bulks }, query) => bulks.list(query),
  none: 'There are no operations on many runs here. To begin one: antiphon bulk cancel --name NAME',
  head: ['OPERATION', 'ACTION', 'STATUS', 'BEGAN', 'RUNS', 'DONE', 'ENDED BEFORE', 'FAILED'],
  row: ({ id, action, status, at, total, done, skipped, failed }) => [
    ...[id, action, status, localTime(at)],
    ...[total, done, skipped, failed].map(String),
  ],
  isFailed: (row) => row.at(-1) !== '0',
  after: (bulks, terminal, session) => sayLeft(terminal, session, bulks),
})

export const showBulkCommand = command({
  name: 'show',
  about: 'Show how far an operation on many runs is.',
  args: [['<id>', 'its id (bulk_…)']],
  options: [['--json', 'print it as JSON']],
  at: 'server',
  run: (cli, id, { json = false, ...options }) =>
    withReader(cli, { command: 'antiphon bulk show', ...targetOf(options) }, async (session) => {
      const bulk = await session.client.bulks.get(id)
      const code = printBulk(cli.terminal, bulk, json)
      if (!json) await sayLeft(cli.terminal, session, [{ ...bulk, id }])
      return code
    }),
})

/** Names operations that are not done, and on which no process works. On Restate, another node may work on them. */
async function sayLeft(
  terminal: Terminal,
  { client, isAway, command }: Session,
  bulks: readonly { readonly id: string; readonly status: string }[],
): Promise<void> {
  const pending = bulks.filter(({ status }) => status === 'pending')
  if (pending.length === 0 || isAway) return
  const { active, restate }: RuntimeStatus = await client.status()
  const left = pending.filter(({ id }) => !active.some((work) => work.kind === 'bulk' && work.id === id))
  if (left.length === 0 || restate) return
  const commands = left.map(({ id }) => `  ${command('resume', id)}`)
  terminal.say(`No process works on ${left.length === 1 ? 'it' : 'these'}. To continue:\n${commands.join('\n')}`)
}

/** ms between two looks at how far it is */
const LOOK_MS = 100

/** Waits until an operation is done, and prints its report. */
export async function followBulk(
  terminal: Terminal,
  { client, signal }: Pick<Session, 'client' | 'signal'>,
  id: string,
  isJson: boolean,
): Promise<number> {
  for (;;) {
    const bulk = await client.bulks.get(id)
    if (bulk.status !== 'pending') return printBulk(terminal, bulk, isJson)
    await sleep(LOOK_MS, undefined, { signal })
  }
}

/** How the runs of a cancellation stood: `1 timed, 2 queued, 3 running`. */
const pickedText = (picked: NonNullable<Bulk['picked']>) =>
  (['timed', 'queued', 'running'] as const).map((one) => `${picked[one]} ${one}`).join(', ')

/** 1 if something failed. */
export function printBulk(terminal: Terminal, bulk: Bulk, isJson: boolean): number {
  const { id, action, status, total, picked, done, skipped, failed, failures, runs = [], waits } = bulk
  const stood = picked ? ` (${pickedText(picked)})` : ''
  const code = failed > 0 ? 1 : 0
  if (isJson) {
    terminal.json(bulk)
    return code
  }
  for (const run of runs) terminal.out(run)
  if (status === 'dry-run') {
    const more = total > runs.length ? `; the first ${runs.length} are shown` : ''
    terminal.say(`${action} would be for ${total} ${total === 1 ? 'run' : 'runs'}${stood}${more}. Nothing was changed.`)
    if (picked && picked.running > 0) terminal.say('Steps that have completed stay. To undo them first, add --undo.')
    return code
  }
  for (const { run, code: why, message } of failures) terminal.out(`${run}  ${why}  ${message}`)
  terminal.say(
    `${id} (${action}) is ${status}: ${done} done, ${skipped} ended before, ${failed} failed, of ${total}${stood}.`,
  )
  if (waits !== undefined) terminal.say(`It waits: ${waits}`)
  return code
}

import { setTimeout as sleep } from 'node:timers/promises'
import type { Bulk } from '../../../bulk/room/contract.ts'
import type { BulkRequest } from '../../../bulk/room/port.ts'
import { InvalidError } from '../../../errors.ts'
import { present } from '../../../lib/json/present.ts'
import type { RuntimeStatus } from '../../../runtime/ports/maintenance.ts'
import { newId, parseDollars, parseSince } from '../../arguments/options.ts'
import { type ConnectionTarget, command, type OptionRecord, type OptionsOf, targetOf } from '../../cli.ts'
import { limitOption, listCommand } from '../../client-command.ts'
import { type Session, withReader } from '../../connect/session.ts'
import { localTime } from '../../terminal/format.ts'
import type { Terminal } from '../../terminal/terminal.ts'
import { withBackground } from './background.ts'

const listBulksCommand = listCommand({
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

const showBulkCommand = command({
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
function printBulk(terminal: Terminal, bulk: Bulk, isJson: boolean): number {
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

const RUNS_ARGUMENT = [['[run...]', 'ids of runs (default: those that the options pick)']] as const
const FILTERS = [
  ['--status <status>', 'only runs with this status'],
  ['--owner <name>', 'only runs of this owner'],
  ['--name <name>', 'only runs of this pipeline or workflow'],
  ['--text <text>', 'only runs whose id, name, error or inputs contain this'],
  ['--error <code>', 'only failed runs whose error has this code'],
  ['--cost <dollars>', 'only runs whose models took so much or more', { parse: parseDollars }],
  ['--since <time>', 'only runs that started then or later, such as 2h, today or 2026-11-21', { parse: parseSince }],
  ['--until <time>', 'only runs that started then or before', { parse: parseSince }],
  ['--top', 'no child runs'],
  ['--dry-run', 'print which runs, and change nothing'],
  ['--json', 'print the report as JSON'],
] as const satisfies readonly OptionRecord[]
type Options = ConnectionTarget & OptionsOf<typeof FILTERS>

const cancelCommand = command({
  name: 'cancel',
  about: 'Cancel runs with their child runs. By a filter, those that have not ended.',
  args: RUNS_ARGUMENT,
  options: [...FILTERS, ['--reason <text>', 'why; stored with each run'], ['--undo', 'undo completed steps first']],
  at: 'server',
  examples: ['bulk cancel --name nightly --since 2h --dry-run', 'bulk cancel run_3xJd0vQ run_7Hs2bbM'],
  run: (cli, runs, { reason, undo, ...options }) =>
    start(cli, { action: 'cancel', ...present({ reason, undo }) }, runs, options),
})

const resumeCommand = command({
  name: 'resume',
  about: 'Resume runs that an earlier process left. By a filter, those that have not ended.',
  args: RUNS_ARGUMENT,
  options: FILTERS,
  at: 'server',
  run: (cli, runs, options) => start(cli, { action: 'resume' }, runs, options),
})

const forkCommand = command({
  name: 'fork',
  about: 'Start a new run from each run. It reuses finished steps, and repeats the others.',
  args: RUNS_ARGUMENT,
  options: [...FILTERS, ['--at <step>', 'the step to execute again']],
  at: 'server',
  examples: ['bulk fork --status failed --error model_timeout --since today'],
  run: (cli, runs, { at, ...options }) => start(cli, { action: 'fork', ...present({ at }) }, runs, options),
})

export const bulkCommand = command({
  name: 'bulk',
  about: 'Cancel, resume or fork many runs. By ids or by a filter, up to 10,000; it goes on after a crash.',
  commands: [cancelCommand, resumeCommand, forkCommand, listBulksCommand, showBulkCommand],
  examples: ['bulk cancel --status waiting --name nightly --dry-run', 'bulk fork --status failed --since today'],
})

function start(
  cli: Parameters<typeof withBackground>[0],
  action: BulkRequest,
  runs: readonly string[],
  { status, owner, name, text, error, cost, since, until, top, dryRun = false, json = false, ...target }: Options,
): Promise<number> {
  const where = present({ status, owner, name, text, error, cost, since, until, top })
  const isFiltered = Object.keys(where).length > 0
  if (isFiltered === runs.length > 0)
    throw new InvalidError('Expected either ids of runs, or options that pick runs.', {
      hint: 'To see what would be done, add --dry-run: antiphon bulk cancel --status waiting --dry-run',
    })
  const id = newId('bulk')
  const request = { ...action, ...(dryRun ? { dryRun } : { id }), ...(isFiltered ? { where } : { runs }) }
  const place = { command: `antiphon bulk ${action.action}`, ...targetOf(target) }
  return withBackground(cli, place, async (session) => {
    const { client, goOnWith, command } = session
    // an interruption may come before the answer: the server goes on to pick the runs
    if (!dryRun) goOnWith(command('resume', id))
    const bulk = await client.bulks.start(request)
    return dryRun ? printBulk(cli.terminal, bulk, json) : followBulk(cli.terminal, session, id, json)
  })
}

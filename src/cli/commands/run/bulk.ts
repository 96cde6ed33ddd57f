import type { BulkRequest } from '../../../bulk/room/port.ts'
import { InvalidError } from '../../../errors.ts'
import { present } from '../../../lib/json/present.ts'
import { newId, parseDollars, parseSince } from '../../arguments/options.ts'
import { type ConnectionTarget, command, type OptionRecord, type OptionsOf, targetOf } from '../../cli.ts'
import { withBackground } from './background.ts'
import { followBulk, listBulksCommand, printBulk, showBulkCommand } from './bulk/read.ts'

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

import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { is, NotFoundError, TerminalError } from '../../../errors.ts'
import type { MigrationResult } from '../../../runtime/migrate/migrate.ts'
import type { MigrateOptions, Progress } from '../../../runtime/migrate/options.ts'
import { claimFolder, type FolderOwner } from '../../../store/data-folder/owner.ts'
import type { OwnerRecord } from '../../../store/data-folder/owner-record.ts'
import { parseWholeNumber } from '../../arguments/options.ts'
import { type Cli, command, loadSetup, type OptionRecord, type OptionsOf } from '../../cli.ts'
import { callOwner } from '../../connect/ask-owner.ts'
import { shortPath } from '../../terminal/errors.ts'
import { commandLine, formatCount } from '../../terminal/format.ts'

const OPTIONS = [
  ['--to <engine>', 'the engine to move to', { choices: ['libsql', 'restate'] }],
  [
    '--wait <seconds>',
    'time for running turns to finish; after that nothing is moved',
    { parse: parseWholeNumber, default: 60 },
  ],
  ['--dry-run', 'only count what would be moved'],
  ['--abort', 'undo a move that was killed'],
  ['--json', 'print what was moved as JSON'],
] as const satisfies readonly OptionRecord[]
type Options = OptionsOf<typeof OPTIONS> & { readonly data?: string }

export const migrateCommand = command({
  name: 'migrate',
  about:
    'Move the data to another engine (libSQL or Restate). The data moves from libSQL to a Restate server (the server in the data folder, or the one that --restate names), or back. A process that owns the folder finishes its turns first. The copy is read back and compared before it is used, and the old data is kept. If this command is killed, run it again and it continues.',
  options: OPTIONS,
  at: 'folder',
  examples: [
    'migrate --to restate',
    'migrate --to restate --restate http://127.0.0.1:9070 --wait 300',
    'migrate --to libsql --dry-run',
    'migrate --abort',
  ],
  async run(cli, options) {
    const { data, restate } = await loadSetup(cli, options.data)
    if (!existsSync(data)) throw new NotFoundError(`There is nothing to move: no data folder ${data}.`)
    const { migrate, abortMigration } = await import('../../../runtime/migrate/migrate.ts')
    const { checkMigration } = await import('../../../runtime/migrate/plan.ts')
    // before the owner of the folder is asked to end
    if (!options.abort) await checkMigration({ data, to: options.to, restate })
    const owner = await own(cli, data, options)
    const onProgress = (progress: Progress) => tell(cli, progress)
    try {
      if (options.abort) {
        await abortMigration({ data, onProgress })
        cli.terminal.say('The move was undone. The old data is used as before.')
        return 0
      }
      const { environment } = cli.terminal
      const asked: MigrateOptions = { data, to: options.to, restate, environment, onProgress }
      const moved = await migrate({ ...asked, dryRun: options.dryRun ?? false })
      say(cli, options, moved)
      if (moved.to === 'restate' && existsSync(join(data, 'memory.db'))) cli.terminal.say(MEMORY_STAYS)
      return 0
    } finally {
      owner.release()
    }
  },
})

const MEMORY_STAYS =
  'The memories in memory.db stay in this folder, and nodes of a cluster do not use them. After a move back they are used again.'

const COMMAND = { command: 'antiphon migrate' }
const OWNER_TIMEOUT_MS = 15_000

/** Makes this process the owner of the folder; the current owner is asked to release it. */
async function own(cli: Cli, data: string, options: Options): Promise<FolderOwner> {
  for (let since: number | undefined; ; await sleep(30)) {
    const claimed = await claimFolder(data, COMMAND)
    if (!claimed.taken) return claimed
    if (options.dryRun || options.abort) throw owned(data, claimed.record)
    if (claimed.record?.socket && since === undefined) {
      cli.terminal.say(`Process ${claimed.record.pid} (${claimed.record.command}) is asked to release the data folder.`)
      await askToGo(claimed.record, options.wait * 1_000)
    }
    since ??= performance.now()
    if (performance.now() - since > OWNER_TIMEOUT_MS) throw owned(data, claimed.record)
  }
}

async function askToGo(owner: OwnerRecord, wait: number): Promise<void> {
  try {
    await callOwner(owner, (client) => client.handOver(wait), wait)
  } catch (error) {
    if (!is(error) || error.code !== 'owner_gone') throw error
  }
}

function owned(data: string, owner: OwnerRecord | undefined): TerminalError {
  const who = owner ? `Process ${owner.pid} (${owner.command})` : 'Another process'
  return new TerminalError(`${who} owns the data folder ${data}. Stop it first; nothing is lost.`, {
    code: 'owned',
  })
}

const DOING = {
  reading: 'Reading the data.',
  copying: 'Copying',
  verifying: 'Reading the copy back to compare it.',
  switching: 'The copy is identical. Switching to it.',
} as const

function tell({ terminal }: Cli, progress: Progress): void {
  terminal.say(textOf(progress))
}

function textOf(progress: Progress): string {
  if (progress.doing === 'leaving')
    return `Note: the unused namespace ${progress.namespace} on the Restate server could not be cleaned up: ${progress.problem.message}`
  const { doing, counts } = progress
  return doing === 'copying' && counts ? `${DOING[doing]} ${contentsOf(counts)}.` : DOING[doing]
}

function contentsOf({ actors, parts, events, mail, timers, letters, ids }: MigrationResult['counts']): string {
  const sleeping = timers === 0 ? '' : ` (${timers} of them asleep)`
  return `${formatCount(actors, 'actor')}, ${formatCount(parts, 'part')}, ${formatCount(events, 'event')}, ${formatCount(mail, 'message')}${sleeping}, ${formatCount(letters, 'dead letter')}, ${formatCount(ids, 'id')}`
}

function say(cli: Cli, { json = false, data }: Options, moved: MigrationResult): void {
  const { terminal } = cli
  if (json) terminal.json(moved)
  if (moved.dryRun) {
    if (!json) terminal.out(`Would move to ${moved.to}: ${contentsOf(moved.counts)}.`)
    return
  }
  terminal.say(`Moved to ${moved.to}. The old data is kept in ${shortPath(moved.aside!, terminal.folder)}.`)
  const here = data === undefined ? [] : ['--data', data]
  for (const line of nextSteps(cli, moved, here)) terminal.say(line)
}

function nextSteps(
  { terminal, engine }: Cli,
  { to, admin, namespace }: MigrationResult,
  here: readonly string[],
): readonly string[] {
  const goOn = (...args: readonly string[]) => [
    'To continue:',
    `  ${commandLine([...args, ...here], terminal.environment)}`,
  ]
  if (to === 'restate' && admin === undefined) return goOn('cluster', 'dev')
  if (to === 'restate' && engine().restate !== undefined)
    return ['To continue, put this into antiphon.yaml:', `  engine: { restate: { admin: [${admin?.join(', ')}] } }`]
  if (to === 'restate')
    return [`Nodes in other data folders need \`namespace: ${namespace}\` in antiphon.yaml.`, ...goOn('runs')]
  const hint = admin === undefined ? [] : ['Remove `engine` from antiphon.yaml if it is there.']
  return [...hint, ...goOn('serve')]
}

import { SCHEMA, STATEMENTS } from '../../../engine/libsql/tables/schema.ts'
import { InvalidError } from '../../../errors.ts'
import { present } from '../../../lib/json/present.ts'
import { formatSize } from '../../../lib/text/format-size.ts'
import { restoreBackup } from '../../../store/backup/restore.ts'
import { type Verification, verifyBackup } from '../../../store/backup/verify.ts'
import { s3AddressFrom } from '../../../store/blobs/s3-address.ts'
import { type ReadCopy, restoreReplica } from '../../../store/replica/restore.ts'
import { existingFile } from '../../arguments/options.ts'
import { type Cli, command, loadSetup } from '../../cli.ts'
import { shortPath } from '../../terminal/errors.ts'
import { commandLine, formatCount, localTime } from '../../terminal/format.ts'
import { parseMoment } from './memory/options.ts'

export const restoreCommand = command({
  name: 'restore',
  about: 'Restore a data folder from a backup or a replica. Nothing is started. Exit code 1 if the backup is damaged.',
  args: [['[file]', 'the backup']],
  options: [
    ['--from <url>', 'the replica in an object store: s3://BUCKET/PREFIX'],
    ['--at <time>', 'the state of the replica at this time, such as 2026-03-01T12:00Z', { parse: parseMoment }],
    ['--old-is-gone', 'the process that wrote the replica has ended for good: do not ask'],
    ['--verify', 'only check whether the backup is complete'],
    ['--json', 'print the result as JSON'],
  ],
  at: 'folder',
  examples: [
    'restore monday.backup --data /var/lib/antiphon',
    'restore --from s3://copies/shop --data /var/lib/antiphon',
  ],
  async run(cli, given, options) {
    const { json = false, verify = false, data, from } = options
    if ((given === undefined) === (from === undefined) || (!from && (options.at !== undefined || options.oldIsGone)))
      throw new InvalidError('Expected either the file of a backup, or --from URL with its options.')
    const read = async () => {
      const file = given === undefined ? '' : existingFile(given, cli.terminal.folder)
      if (from === undefined) return verify ? verifyBackup(file) : restoreInto(cli, file, data)
      if (!verify && !options.oldIsGone) await confirmGone(cli)
      return fromReplica(cli, from, options.at, verify ? undefined : (await loadSetup(cli, data)).data)
    }
    const found = await read()
    if (json) cli.terminal.json({ ok: found.faults.length === 0, ...found })
    else if (verify) sayVerified(cli, found)
    return found.faults.length === 0 ? 0 : 1
  },
})

async function fromReplica({ terminal }: Cli, url: string, until?: number, folder?: string): Promise<ReadCopy> {
  const options = { schema: SCHEMA, statements: STATEMENTS, ...present({ until, folder }) }
  const found = await restoreReplica(s3AddressFrom(url, terminal.environment), options)
  if (folder === undefined) return found
  terminal.say(
    `Restored the replica ${contentsOf(found)}, and ${formatCount(found.segments, 'segment')} after it. Nothing was started.`,
  )
  terminal.say(
    `What was done after ${localTime(found.end)} is unknown here: at-most-once calls are looked up, or you are asked.`,
  )
  terminal.say('Other calls of that time are made again, and its webhooks and ticks of schedules may come again.')
  terminal.say(`Memories are those of ${localTime(found.memories)}: later ones are not here.`)
  terminal.say('Not here: secrets (antiphon keys set), and files outside the data folder.')
  return found
}

async function confirmGone({ terminal }: Cli): Promise<void> {
  const old = 'A process that still works on the old folder stops once it reaches the replica. One that cannot goes on.'
  const answer = await terminal.read?.(`${old} Is it gone for good? Type yes: `, new AbortController().signal)
  if (answer?.trim() === 'yes') return
  throw new InvalidError(`${old} Nothing was restored.`, { hint: 'End that process, and add --old-is-gone.' })
}

async function restoreInto(cli: Cli, file: string, data: string | undefined): Promise<Verification> {
  const { data: folder } = await loadSetup(cli, data)
  const found = await restoreBackup(file, folder)
  const here = data === undefined ? [] : ['--data', data]
  const { terminal } = cli
  terminal.say(
    `Restored the backup ${contentsOf(found)}. Nothing was started. To see what is in ${shortPath(folder, terminal.folder)}:`,
  )
  terminal.say(`  ${commandLine(['runs', ...here], terminal.environment)}`)
  return found
}

function sayVerified({ terminal }: Cli, found: Verification | ReadCopy): void {
  const { file, faults } = found
  const what = 'end' in found ? 'replica' : 'backup'
  const since = 'end' in found ? `, and ${formatCount(found.segments, 'segment')} up to ${localTime(found.end)}` : ''
  terminal.out(`${since ? file : shortPath(file, terminal.folder)}: ${contentsOf(found)}${since}`)
  for (const fault of faults) terminal.out(`  ${fault}`)
  terminal.out(
    faults.length === 0
      ? `The ${what} is complete.`
      : `The ${what} is damaged: ${formatCount(faults.length, 'fault')}.`,
  )
}

function contentsOf({ at, bytes, blobs }: Verification): string {
  return `made ${localTime(at)}, ${formatSize(bytes)}, ${formatCount(blobs, 'blob')}`
}

import { formatSize } from '../../../lib/text/format-size.ts'
import { restoreBackup } from '../../../store/backup/restore.ts'
import { type Verification, verifyBackup } from '../../../store/backup/verify.ts'
import { existingFile } from '../../arguments/options.ts'
import { type Cli, command, loadSetup } from '../../cli.ts'
import { printJson } from '../../render/print.ts'
import { shortPath } from '../../terminal/errors.ts'
import { commandLine, formatCount, localTime } from '../../terminal/format.ts'

export const restoreCommand = command({
  name: 'restore',
  about: 'Restore a data folder from a backup. Nothing is started. Exit code 1 if the backup is damaged.',
  args: [['<file>', 'the backup']],
  options: [
    ['--verify', 'only check whether the backup is complete'],
    ['--json', 'print the result as JSON'],
  ],
  at: 'folder',
  examples: ['restore monday.backup --verify', 'restore monday.backup --data /var/lib/antiphon'],
  async run(cli, given, { json = false, verify = false, data }) {
    const file = existingFile(given, cli.terminal.folder)
    const found = verify ? verifyBackup(file) : await restoreInto(cli, file, data)
    if (json) printJson(cli.terminal, { ok: found.faults.length === 0, ...found })
    else if (verify) sayVerified(cli, found)
    return found.faults.length === 0 ? 0 : 1
  },
})

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

function sayVerified({ terminal }: Cli, found: Verification): void {
  const { file, faults } = found
  const shown = shortPath(file, terminal.folder)
  terminal.out(`${shown}: ${contentsOf(found)}`)
  for (const fault of faults) terminal.out(`  ${fault}`)
  terminal.out(
    faults.length === 0 ? 'The backup is complete.' : `The backup is damaged: ${formatCount(faults.length, 'fault')}.`,
  )
}

function contentsOf({ at, bytes, blobs }: Verification): string {
  return `made ${localTime(at)}, ${formatSize(bytes)}, ${formatCount(blobs, 'blob')}`
}

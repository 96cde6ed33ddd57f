import { resolve } from 'node:path'
import { Command } from 'commander'
import type { Backup } from '../../../store/backup.ts'
import { DATA_OPTION, exampleText } from '../../arguments/options.ts'
import type { Cli } from '../../cli.ts'
import { withRuntime } from '../../connect/session.ts'
import { printJson } from '../../render/print.ts'
import { shortPath } from '../../terminal/errors.ts'
import { formatCount, formatSize } from '../../terminal/format.ts'
import type { Terminal } from '../../terminal/terminal.ts'

type Options = { readonly json?: boolean; readonly force?: boolean; readonly data?: string }

/** `backup FILE`: everything in the data folder in one file, while work continues. */
export function backupCommand(cli: Cli): Command {
  return new Command('backup')
    .description(
      'Back up the data folder to one file. Work continues meanwhile. Exit code 1 if a blob or a row is damaged.',
    )
    .argument('<file>', 'the new backup file')
    .option('--force', 'replace an existing file')
    .option('--json', 'print the contents as JSON')
    .option(...DATA_OPTION)
    .addHelpText('after', exampleText('backup monday.backup', 'backup /mnt/antiphon.backup --force --json'))
    .action(async (file: string, options: Options) => cli.exit(await backup(cli, file, options)))
}

async function backup(cli: Cli, given: string, { json = false, force = false, data }: Options): Promise<number> {
  const file = resolve(cli.terminal.folder, given)
  return withRuntime(cli, { command: 'antiphon backup', data }, async ({ client, signal }) => {
    const made = await client.maintenance.backup(file, { force }, signal)
    if (json) printJson(cli.terminal, made)
    else say(cli.terminal, made)
    return made.damaged.length + (made.rows ?? []).length === 0 ? 0 : 1
  })
}

function say(terminal: Terminal, { file, bytes, blobs, damaged, rows = [] }: Backup): void {
  const shown = shortPath(file, terminal.folder)
  terminal.say(`${shown}: ${formatSize(bytes)}, ${formatCount(blobs, 'blob')}.`)
  for (const hash of damaged) terminal.say(`Blob ${hash} is damaged and was left out.`)
  for (const row of rows) terminal.say(`Row ${row} is damaged and was copied as it is.`)
  terminal.say(`To verify it:\n  antiphon restore ${shown} --verify`)
}

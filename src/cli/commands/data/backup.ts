import { resolve } from 'node:path'
import { formatSize } from '../../../lib/text/format-size.ts'
import type { Backup } from '../../../store/backup/document.ts'
import { command, loadSetup } from '../../cli.ts'
import { withRuntime } from '../../connect/session.ts'
import { memoryServerOf } from '../../doctor/memory.ts'
import { shortPath } from '../../terminal/errors.ts'
import { formatCount } from '../../terminal/format.ts'
import type { Terminal } from '../../terminal/terminal.ts'

export const backupCommand = command({
  name: 'backup',
  about: 'Back up the data folder to one file. Work continues meanwhile. Exit code 1 if a blob or a row is damaged.',
  args: [['<file>', 'the new backup file']],
  options: [
    ['--force', 'replace an existing file'],
    ['--json', 'print the contents as JSON'],
  ],
  at: 'folder',
  examples: ['backup monday.backup', 'backup /mnt/antiphon.backup --force --json'],
  async run(cli, given, { json = false, force = false, data }) {
    const file = resolve(cli.terminal.folder, given)
    return withRuntime(cli, { command: 'antiphon backup', data }, async ({ client, signal }) => {
      const made = await client.maintenance.backup(file, { force }, signal)
      if (json) cli.terminal.json(made)
      else say(cli.terminal, made, memoryServerOf(await loadSetup(cli, data)))
      return made.damaged.length + (made.rows ?? []).length === 0 ? 0 : 1
    })
  },
})

function say(terminal: Terminal, made: Backup, memory: string | undefined): void {
  const { file, bytes, blobs, damaged, rows = [] } = made
  const shown = shortPath(file, terminal.folder)
  terminal.say(`${shown}: ${formatSize(bytes)}, ${formatCount(blobs, 'blob')}.`)
  for (const hash of damaged) terminal.say(`Blob ${hash} is damaged and was left out.`)
  for (const row of rows) terminal.say(`Row ${row} is damaged and was copied as it is.`)
  if (memory !== undefined)
    terminal.say(`The memories are on the libSQL server at ${memory}, not in this file. Back up that server, too.`)
  terminal.say(`To verify it:\n  antiphon restore ${shown} --verify`)
}

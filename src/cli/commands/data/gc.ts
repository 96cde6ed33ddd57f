import { existsSync } from 'node:fs'
import { formatSize } from '../../../lib/text/format-size.ts'
import type { Collected } from '../../../runtime/ports/maintenance.ts'
import { dropReserveIfFull } from '../../../store/data-folder/disk-reserve.ts'
import { command, loadSetup, targetOf } from '../../cli.ts'
import { withRuntime } from '../../connect/session.ts'
import { formatCount } from '../../terminal/format.ts'
import type { Terminal } from '../../terminal/terminal.ts'

const NOTHING: Collected = { dryRun: true, items: [] }

export const gcCommand = command({
  name: 'gc',
  about:
    'Remove old runs, dead letters, unused files and blobs. A runtime does this by itself; `retention:` in antiphon.yaml says how long things are kept.',
  options: [
    ['--dry-run', 'only print what would be removed, and why'],
    ['--json', 'print the result as JSON'],
  ],
  at: 'server',
  examples: ['gc --dry-run', 'gc --json'],
  async run(cli, { json = false, dryRun = false, ...where }) {
    const show = (collected: Collected) => {
      if (json) cli.terminal.json(collected)
      else printCollected(cli.terminal, collected)
      return 0
    }
    const options = { command: 'antiphon gc', ...targetOf(where) }
    const { data } = where.server === undefined ? await loadSetup(cli, where.data) : {}
    if (data !== undefined && !existsSync(data)) return show({ ...NOTHING, dryRun })
    // opening the folder and removing data need disk space, too
    if (data !== undefined && !dryRun) dropReserveIfFull(data)
    return withRuntime(cli, options, async ({ client, signal }) =>
      show(await client.maintenance.gc({ dryRun }, signal)),
    )
  },
})

function printCollected(terminal: Terminal, { dryRun, items }: Collected): void {
  for (const { what, why, count: number, bytes, ids } of items) {
    terminal.out(`${formatCount(number, what)}, ${formatSize(bytes)}: ${why}`)
    if (what === 'file') for (const id of ids) terminal.out(`  ${id}`)
  }
  if (items.length === 0) terminal.say('Nothing is old enough to be removed.')
  else
    terminal.say(dryRun ? 'Nothing was removed. To remove it: antiphon gc' : 'Removed. The space is free for new data.')
}

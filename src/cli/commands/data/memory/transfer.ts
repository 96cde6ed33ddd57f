import { InvalidError } from '../../../../errors.ts'
import { fileBytes } from '../../../../lib/encoding/plain-file.ts'
import { present } from '../../../../lib/json/present.ts'
import type { ImportReport } from '../../../../memory/transfer/transfer.ts'
import { exportPath, writeExport } from '../../../arguments/export-file.ts'
import { existingFile } from '../../../arguments/options.ts'
import { type Cli, command, targetOf } from '../../../cli.ts'
import { withReader, withRuntime } from '../../../connect/session.ts'
import { formatCount } from '../../../terminal/format.ts'
import { JSON_OPTION, OWNER_OPTION, ownerIn } from './options.ts'

export const exportCommand = command({
  name: 'export',
  about: 'Write all records with their history as lines of JSON. The file is only for you: it holds private texts.',
  args: [['[file]', 'the new file; - or nothing: standard output']],
  options: [['--force', 'replace an existing file'], OWNER_OPTION],
  at: 'server',
  examples: ['memory export ada.ndjson', 'memory export - | gzip > ada.ndjson.gz'],
  run(cli, given = '-', { force = false, ...options }) {
    const { terminal } = cli
    const path = exportPath(terminal, given, { force, example: 'memory export memory.ndjson' })
    const reader = { command: 'antiphon memory export', ...targetOf(options) }
    return withReader(cli, reader, async ({ client }) => {
      const records = await writeExport(terminal, client.memory.export(ownerIn(options)), path)
      if (records !== undefined) terminal.say(`Exported ${formatCount(records, 'record')} to ${given}.`)
      return 0
    })
  },
})

export const importCommand = command({
  name: 'import',
  about: 'Import an export as one change, or nothing of it. The same file again changes nothing.',
  args: [['<file>', 'an export; - reads standard input']],
  options: [
    ['--on-conflict <rule>', 'when an id has other content', { choices: ['error', 'skip', 'newer'], shown: 'error' }],
    ['--dry-run', 'only check the file and count'],
    ['--with-forgotten', 'also import records that were forgotten after the export'],
    OWNER_OPTION,
    JSON_OPTION,
  ],
  at: 'server',
  examples: ['memory import ada.ndjson --dry-run', 'gunzip -c ada.ndjson.gz | antiphon memory import -'],
  run(cli, given, { json = false, onConflict, dryRun, withForgotten, ...options }) {
    const pieces = piecesIn(cli, given)
    const rules = present({ onConflict, dryRun, withForgotten })
    const where = { command: 'antiphon memory import', ...targetOf(options), serve: false, creates: true }
    return withRuntime(cli, where, async ({ client }) => {
      const report = await client.memory.import(pieces, { ...rules, ...ownerIn(options) })
      if (json) cli.terminal.json(report)
      else cli.terminal.say(sentenceOf(report))
      return 0
    })
  },
})

function piecesIn({ terminal }: Cli, given: string): AsyncIterable<Uint8Array> {
  if (given !== '-') return fileBytes(existingFile(given, terminal.folder))
  if (terminal.input) return terminal.input
  throw new InvalidError('Expected an export on standard input, got nothing.', {
    hint: 'antiphon memory import FILE, or antiphon memory import - < FILE',
  })
}

function sentenceOf({ added, same, skipped, replaced, forgotten, unpinned = 0, change, dryRun }: ImportReport): string {
  const others = [
    [same, 'there already'],
    [skipped, 'left out, as their ids have other content'],
    [forgotten, 'left out, as they were forgotten after the export'],
    [replaced, 'in place of older ones'],
    [unpinned, 'without their pin, as a model wrote them'],
  ] as const
  const parts = others.flatMap(([count, what]) => (count === 0 ? [] : [`${count} ${what}`]))
  const first = dryRun
    ? `${formatCount(added, 'record')} would be imported`
    : `Imported ${formatCount(added, 'record')}${change === undefined ? '' : ` as change ${change}`}`
  return `${[first, ...parts].join('; ')}.`
}

import type { MemorySource } from '../../../../memory/sources/sources.ts'
import { parseLimit } from '../../../arguments/options.ts'
import { command } from '../../../command.ts'
import { withReader } from '../../../connect/reader.ts'
import { targetOf } from '../../../connect/target.ts'
import { showList } from '../../../render/print.ts'
import { printTable } from '../../../render/table.ts'
import { shortPath } from '../../../terminal/errors.ts'
import { localTime } from '../../../terminal/format.ts'
import { JSON_OPTION, OWNER_OPTION, ownerIn, sourceRef } from './options.ts'

/** `memory sources`: the documents whose passages are in memory. */
export const sourcesCommand = command({
  name: 'sources',
  about: 'List the files and pages in memory, and when each was read.',
  args: [['[path]', 'only this file, or what is below this folder or URL']],
  options: [
    ['--limit <number>', 'maximum number of documents, up to 1000', { parse: parseLimit, default: 100 }],
    OWNER_OPTION,
    JSON_OPTION,
  ],
  at: 'server',
  examples: ['memory sources', 'memory sources docs --json'],
  run(cli, path, { json, limit, ...options }) {
    const { terminal } = cli
    const row = ({ ref, space, records, status, reason, readAt }: MemorySource) => [
      shortPath(ref, terminal.folder),
      space === '' ? '/' : space,
      String(records),
      localTime(readAt),
      reason === undefined ? status : `${status}: ${reason}`,
    ]
    const print = (sources: readonly MemorySource[]) =>
      printTable(terminal, ['SOURCE', 'SPACE', 'PASSAGES', 'READ', 'STATUS'], sources.map(row))
    const show = (sources: readonly MemorySource[]) =>
      showList(terminal, sources, { json, limit, none: 'No documents here.', print: () => print(sources) })
    const below = path === undefined ? {} : { below: sourceRef(path, terminal) }
    const reader = { command: 'antiphon memory', ...targetOf(options), empty: () => show([]) }
    return withReader(cli, reader, async ({ client }) =>
      show(await client.memory.sources.list({ limit, ...below, ...ownerIn(options) })),
    )
  },
})

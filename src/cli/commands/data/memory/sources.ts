import { limitOption } from '../../../arguments/options.ts'
import { listCommand } from '../../../client-command.ts'
import { shortPath } from '../../../terminal/errors.ts'
import { localTime } from '../../../terminal/format.ts'
import { JSON_OPTION, OWNER_OPTION, sourceRef } from './options.ts'

export const sourcesCommand = listCommand({
  name: 'sources',
  about: 'List the files and pages in memory, and when each was read.',
  args: [['[path]', 'only this file, or what is below this folder or URL']],
  options: [limitOption('documents', 100), OWNER_OPTION, JSON_OPTION],
  examples: ['memory sources', 'memory sources docs --json'],
  ask: ({ memory }, path, query, terminal) =>
    memory.sources.list({ ...query, ...(path !== undefined && { below: sourceRef(path, terminal) }) }),
  none: 'No documents here.',
  head: ['SOURCE', 'SPACE', 'PASSAGES', 'READ', 'STATUS'],
  row: ({ ref, space, records, status, reason, readAt }, { folder }) => [
    shortPath(ref, folder),
    space === '' ? '/' : space,
    String(records),
    localTime(readAt),
    reason === undefined ? status : `${status}: ${reason}`,
  ],
})

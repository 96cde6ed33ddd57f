import { InvalidArgumentError } from 'commander'
import type { StoredFile } from '../../../../file/room/port.ts'
import { formatSize } from '../../../../lib/text/format-size.ts'
import { parseLimit } from '../../../arguments/options.ts'
import { resolveFileId } from '../../../arguments/uploads.ts'
import { command } from '../../../command.ts'
import { withReader } from '../../../connect/reader.ts'
import { withRuntime } from '../../../connect/session.ts'
import { targetOf } from '../../../connect/target.ts'
import { printJson, printLines, showList } from '../../../render/print.ts'
import { printTable } from '../../../render/table.ts'
import { localTime } from '../../../terminal/format.ts'
import type { Terminal } from '../../../terminal/terminal.ts'
import { FILE_ARGUMENT, FILE_OWNER_OPTION, JSON_OPTION, ownerIn } from './options.ts'

/** `files list`: the newest files. */
export const listFilesCommand = command({
  name: 'list',
  about: 'List files, the newest first.',
  options: [
    ['--use <work>', 'only those of a conversation (thread/NAME) or of a run (run/ID)', { parse: parseUse }],
    ['--limit <number>', 'maximum number of files, up to 1000', { parse: parseLimit, default: 20 }],
    FILE_OWNER_OPTION,
    JSON_OPTION,
  ],
  at: 'server',
  examples: ['files list', 'files list --use thread/letters', 'files list --json'],
  run(cli, { use, json, limit, ...options }) {
    const { terminal } = cli
    const show = (files: readonly StoredFile[]) =>
      showList(terminal, files, { json, limit, none: NONE, print: () => printFiles(terminal, files) })
    const query = { limit, ...ownerIn(options), ...(use !== undefined && { use }) }
    const reader = { command: 'antiphon files list', ...targetOf(options), empty: () => show([]) }
    return withReader(cli, reader, async ({ client }) => show(await client.files.list(query)))
  },
})

const NONE = 'There are no files here. To add one: antiphon files add PATH'

function parseUse(given: string): string {
  if (/^(?:thread|run)\/./.test(given)) return given
  throw new InvalidArgumentError('Expected thread/NAME or run/ID.')
}

function printFiles(terminal: Terminal, files: readonly StoredFile[]): void {
  const rows = files.map(({ file, name, type, bytes, at, uses }) => [
    ...[file.slice(0, SHOWN_ID), name, type, formatSize(bytes), localTime(at), uses.at(-1) ?? '-'],
  ])
  printTable(terminal, ['FILE', 'NAME', 'TYPE', 'SIZE', 'ADDED', 'USED BY'], rows)
}

/** `file_` and 12 digits. */
const SHOWN_ID = 17

/** `files show`: what is known of a file. */
export const showFileCommand = command({
  name: 'show',
  about: 'Show the facts of a file: name, type, size, and its uses.',
  args: [FILE_ARGUMENT],
  options: [FILE_OWNER_OPTION, JSON_OPTION],
  at: 'server',
  examples: ['files show 1a2b3c4d', 'files show 1a2b3c4d --json'],
  run(cli, id, { json = false, ...options }) {
    const { terminal } = cli
    return withReader(cli, { command: 'antiphon files show', ...targetOf(options) }, async ({ client }) => {
      const of = ownerIn(options)
      const document = await client.files.get(await resolveFileId(client, id, of), of)
      if (json) printJson(terminal, document)
      else printLines(terminal, linesOf(document))
      return 0
    })
  },
})

function linesOf({ file, name, type, bytes, at, uses }: StoredFile): readonly string[] {
  return [
    `id:    ${file}`,
    `name:  ${name}`,
    `type:  ${type}`,
    `size:  ${formatSize(bytes)}`,
    `added: ${localTime(at)}`,
    ...(uses.length === 0 ? ['used:  by nothing now; `files.unusedDays` after its last use it is removed'] : []),
    ...uses.map((use, index) => `${index === 0 ? 'used: ' : '      '} by ${use}`),
  ]
}

/** `files remove`: removes a file. */
export const removeFileCommand = command({
  name: 'remove',
  about: 'Remove a file. Work that names it finds it no more.',
  args: [FILE_ARGUMENT],
  options: [FILE_OWNER_OPTION, JSON_OPTION],
  at: 'server',
  examples: ['files remove 1a2b3c4d'],
  run(cli, id, { json = false, ...options }) {
    const { terminal } = cli
    const session = { command: 'antiphon files remove', serve: false, ...targetOf(options) }
    return withRuntime(cli, session, async ({ client }) => {
      const of = ownerIn(options)
      const file = await resolveFileId(client, id, of)
      const { uses } = await client.files.get(file, of)
      await client.files.remove(file, of)
      if (json) printJson(terminal, { file, uses })
      else terminal.say([`${file} is removed.`, ...uses.map((use) => `It was used by ${use}.`)].join('\n'))
      return 0
    })
  },
})

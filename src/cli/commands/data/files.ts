import { InvalidArgumentError } from 'commander'
import type { StoredFile } from '../../../file/room/port.ts'
import { formatSize } from '../../../lib/text/format-size.ts'
import { resolveFileId } from '../../arguments/uploads.ts'
import { command } from '../../cli.ts'
import { limitOption, listCommand, showCommand } from '../../client-command.ts'
import { localTime } from '../../terminal/format.ts'
import { addFilesCommand } from './files/add.ts'
import { openFileCommand } from './files/open.ts'
import { FILE_ARGUMENT, FILE_OWNER_OPTION, JSON_OPTION } from './files/options.ts'

const listFilesCommand = listCommand({
  about: 'List files, the newest first.',
  options: [
    ['--use <work>', 'only those of a conversation (thread/NAME) or of a run (run/ID)', { parse: parseUse }],
    limitOption('files', 20),
    FILE_OWNER_OPTION,
    JSON_OPTION,
  ],
  examples: ['files list', 'files list --use thread/letters', 'files list --json'],
  ask: ({ files }, query) => files.list(query),
  none: 'There are no files here. To add one: antiphon files add PATH',
  head: ['FILE', 'NAME', 'TYPE', 'SIZE', 'ADDED', 'USED BY'],
  row: ({ file, name, type, bytes, at, uses }) => [
    ...[file.slice(0, SHOWN_ID), name, type, formatSize(bytes), localTime(at), uses.at(-1) ?? '-'],
  ],
})

function parseUse(given: string): string {
  if (/^(?:thread|run)\/./.test(given)) return given
  throw new InvalidArgumentError('Expected thread/NAME or run/ID.')
}

/** `file_` and 12 digits. */
const SHOWN_ID = 17

const showFileCommand = showCommand({
  about: 'Show the facts of a file: name, type, size, and its uses.',
  args: [FILE_ARGUMENT],
  options: [FILE_OWNER_OPTION, JSON_OPTION],
  examples: ['files show 1a2b3c4d', 'files show 1a2b3c4d --json'],
  ask: async (client, id, of) => client.files.get(await resolveFileId(client, id, of), of),
  print: (file, terminal) => terminal.lines(linesOf(file)),
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

const removeFileCommand = showCommand({
  name: 'remove',
  about: 'Remove a file. Work that names it finds it no more.',
  args: [FILE_ARGUMENT],
  options: [FILE_OWNER_OPTION, JSON_OPTION],
  examples: ['files remove 1a2b3c4d'],
  opens: { serve: false },
  async ask(client, id, of) {
    const file = await resolveFileId(client, id, of)
    const { uses } = await client.files.get(file, of)
    await client.files.remove(file, of)
    return { file, uses }
  },
  print: ({ file, uses }, terminal) =>
    terminal.say([`${file} is removed.`, ...uses.map((use) => `It was used by ${use}.`)].join('\n')),
})

export const filesCommand = command({
  name: 'files',
  about: 'Add, list, open and remove files. A file is any bytes: a picture, a recording, a PDF.',
  commands: [addFilesCommand, listFilesCommand, showFileCommand, openFileCommand, removeFileCommand],
  examples: ['files add photo.png', 'files list', 'files open 1a2b3c4d --output photo.png'],
})

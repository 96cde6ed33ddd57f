import { InvalidError, is } from '../../../../errors.ts'
import { NO_NAME, plainName } from '../../../../file/record.ts'
import type { StoredFile } from '../../../../file/room/port.ts'
import { showOnOneLine } from '../../../../lib/unseen.ts'
import { fileLine, type UploadOptions, uploadFile } from '../../../arguments/uploads.ts'
import { type Cli, command, targetOf } from '../../../cli.ts'
import { type Session, withRuntime } from '../../../connect/session.ts'
import { FILE_OWNER_OPTION, ownerIn } from './options.ts'

const NOTES = `
The id of a file follows from its content, so the same content again is the same
file, with its first name. A file that no run and no conversation has used for
seven days is removed. If one of several files is refused, the others are added,
and the exit code is 1.`

export const addFilesCommand = command({
  name: 'add',
  about: 'Add files, and print their ids. Messages and inputs name files by these ids.',
  args: [['<paths...>', 'paths of files; - reads one from standard input']],
  options: [
    ['--name <name>', 'its name, for a single file (default: that of the path)'],
    FILE_OWNER_OPTION,
    ['--json', 'print them as JSON'],
  ],
  at: 'server',
  notes: NOTES,
  examples: ['files add photo.png letter.pdf', 'files add - --name chart.png < chart.png'],
  run(cli, paths, { name, json = false, ...where }) {
    checkPaths(paths, name)
    const { terminal } = cli
    const session = { command: 'antiphon files add', creates: true, serve: false, ...targetOf(where) }
    return withRuntime(cli, session, async (opened) => {
      const added: StoredFile[] = []
      const refused: string[] = []
      for (const path of paths)
        try {
          const document = await addOne(cli, opened, path, { ...ownerIn(where), ...(name !== undefined && { name }) })
          added.push(document)
          if (!json) terminal.out(document.file)
          const isOther = plainName(name ?? (path === '-' ? '' : path)) !== document.name && document.name !== NO_NAME
          terminal.say(`${isOther ? 'Stored already as' : 'Added'} ${fileLine(document)}.`)
        } catch (error) {
          if (!is(error) || paths.length === 1) throw error
          refused.push(path)
          terminal.say(`Not added: ${showOnOneLine(path)}: ${[error.message, error.hint].filter(Boolean).join(' ')}`)
        }
      if (json) terminal.json(added)
      return refused.length > 0 ? 1 : 0
    })
  },
})

function checkPaths(paths: readonly string[], name: string | undefined): void {
  if (paths.length > 1 && name !== undefined)
    throw new InvalidError('Expected a single path beside --name, got several.', { hint: 'Add the files one by one.' })
  if (paths.length > 1 && paths.includes('-')) throw new InvalidError('Expected - alone, got other paths beside it.')
}

function addOne({ terminal }: Cli, { client, signal }: Session, path: string, of: UploadOptions) {
  const options = { ...of, signal }
  if (path !== '-') return uploadFile(client, path, terminal.folder, options)
  if (terminal.input) return client.files.add(terminal.input, options)
  throw new InvalidError('Expected a file on standard input, got a keyboard.', {
    hint: 'antiphon files add - --name NAME < FILE',
  })
}

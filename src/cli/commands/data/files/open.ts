import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { InvalidError } from '../../../../errors.ts'
import type { OpenedFile } from '../../../../file/room/port.ts'
import { exportPath, writeWhole } from '../../../arguments/export-file.ts'
import { fileLine, resolveFileId } from '../../../arguments/uploads.ts'
import { command, targetOf } from '../../../cli.ts'
import { withReader } from '../../../connect/session.ts'
import { shortPath } from '../../../terminal/errors.ts'
import type { Terminal } from '../../../terminal/terminal.ts'
import { FILE_ARGUMENT, FILE_OWNER_OPTION, ownerIn } from './options.ts'

const NOTES = `
At a terminal, without --output, the viewer of this machine shows pictures, sound,
film and PDF. Other files are only written, since a viewer might run them.`

export const openFileCommand = command({
  name: 'open',
  about: 'Show a file in a viewer, or write it to a path.',
  args: [FILE_ARGUMENT],
  options: [
    ['-o, --output <path>', 'write it to this path'],
    ['--force', 'replace a file that exists'],
    FILE_OWNER_OPTION,
    ['--json', 'print the file as JSON, with the path that was written'],
  ],
  at: 'server',
  notes: NOTES,
  examples: ['files open 1a2b3c4d', 'files open 1a2b3c4d --output photo.png'],
  run(cli, id, { output, force = false, json = false, ...options }) {
    const { terminal } = cli
    const example = '--output photo.png'
    const path = output === undefined ? undefined : exportPath(terminal, output, { force, example })
    if (path === undefined && (output !== undefined || !terminal.read || json)) throw noPlace()
    return withReader(cli, { command: 'antiphon files open', ...targetOf(options) }, async ({ client, signal }) => {
      const of = ownerIn(options)
      const opened = await client.files.open(await resolveFileId(client, id, of), { ...of, signal })
      const at = path ?? (await placeFor(opened))
      await writeWhole(opened.content(), at)
      const { file, type, name, bytes } = opened
      if (json) terminal.json({ file, type, name, bytes, path: at })
      else terminal.say(`Written to ${path === undefined ? at : shortPath(at, terminal.folder)}`)
      if (path === undefined) await show(terminal, at)
      return 0
    })
  },
})

const noPlace = () =>
  new InvalidError('Expected a path for the file.', { hint: 'For example: antiphon files open ID --output photo.png' })

/** Types that a viewer shows, with the ending that makes it choose one. The name of a file may end in anything. */
const SHOWN: { readonly [type: string]: string } = {
  'image/png': 'png',
  'image/jpeg': 'jpg',
  'image/webp': 'webp',
  'image/gif': 'gif',
  'application/pdf': 'pdf',
  'audio/mpeg': 'mp3',
  'audio/wav': 'wav',
  'audio/flac': 'flac',
  'audio/ogg': 'ogg',
  'audio/mp4': 'm4a',
  'video/mp4': 'mp4',
  'video/quicktime': 'mov',
  'video/webm': 'webm',
  'video/matroska': 'mkv',
}

/** A private place for a file that is only shown. */
async function placeFor(opened: OpenedFile): Promise<string> {
  const { file, type } = opened
  const ending = SHOWN[type]
  if (ending !== undefined)
    return join(await mkdtemp(join(tmpdir(), 'antiphon-file-')), `${file.slice(0, 17)}.${ending}`)
  throw new InvalidError(`No viewer is started for ${fileLine(opened)}.`, {
    hint: 'To write it to a path: --output PATH',
  })
}

const VIEWERS: { readonly [platform: string]: string } = { linux: 'xdg-open', darwin: 'open', win32: 'explorer.exe' }

/** Starts the viewer, which goes on without this command. */
async function show(terminal: Terminal, path: string): Promise<void> {
  const viewer = VIEWERS[process.platform] ?? 'xdg-open'
  const started = spawn(viewer, [path], { stdio: 'ignore', detached: true })
  try {
    await once(started, 'spawn')
    started.unref()
  } catch {
    terminal.say(`There is no viewer ${viewer} on this machine.`)
  }
}

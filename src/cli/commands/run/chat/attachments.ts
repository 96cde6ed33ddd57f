import { existsSync, statSync } from 'node:fs'
import { resolve } from 'node:path'
import type { StoredFile } from '../../../../file/room/port.ts'
import type { Client } from '../../../../http/client/client.ts'
import { fileLine, fromHome, uploadFile } from '../../../arguments/uploads.ts'
import type { Terminal } from '../../../terminal/terminal.ts'

/** Files that go with the next message of a chat. */
interface Attachments {
  /** Adds files as `/file` names them: one path, or several as a shell would read them. */
  add(written: string): Promise<void>
  /** Adds files if the line is nothing but their paths, as a terminal writes dropped files; false: it is a message. */
  drop(line: string): Promise<boolean>
  /** The ids of the files, as a field of a message. */
  fields(): { readonly files?: readonly string[] }
  /** The message was sent. */
  clear(): void
}

/** Uploads the files that a person adds to a message, and says so. */
export function createAttachments(client: Pick<Client, 'files'>, { folder, say }: Terminal): Attachments {
  let added: StoredFile[] = []

  async function addAll(paths: readonly string[]): Promise<void> {
    for (const path of paths) {
      const document = await uploadFile(client, path, folder)
      added = [...added.filter(({ file }) => file !== document.file), document]
      say(`${fileLine(document)} goes with your next message.`)
    }
  }

  return {
    async add(written) {
      if (written !== '') return addAll(isFile(written, folder) ? [written] : wordsOf(written))
      if (added.length === 0) return say('Expected a path: /file PATH')
      for (const document of added) say(`${fileLine(document)} goes with your next message.`)
    },
    async drop(line) {
      const paths = droppedPaths(line)
      if (paths.length === 0) return false
      await addAll(paths)
      return true
    },
    fields: () => (added.length === 0 ? {} : { files: added.map(({ file }) => file) }),
    clear: () => void (added = []),
  }
}

/** The paths of a line that is nothing but paths of files, from `/` or `~` on. */
function droppedPaths(line: string): readonly string[] {
  if (line.includes('\n')) return []
  const paths = wordsOf(line)
  return paths.every((path) => /^~?\//.test(path) && isFile(path, '/')) ? paths : []
}

function isFile(path: string, folder: string): boolean {
  const at = resolve(folder, fromHome(path))
  return existsSync(at) && statSync(at).isFile()
}

/** The words of a line as a shell reads them: with quotes, and with backslashes before blanks. */
function wordsOf(line: string): readonly string[] {
  const words = line.match(/(?:[^\s'"\\]|\\.|'[^']*'|"(?:[^"\\]|\\.)*")+/g) ?? []
  return words.map((word) =>
    word.replaceAll(
      /\\(.)|'([^']*)'|"((?:[^"\\]|\\.)*)"/g,
      (_, sign?: string, single?: string, double?: string) => sign ?? single ?? double!.replaceAll(/\\(.)/g, '$1'),
    ),
  )
}

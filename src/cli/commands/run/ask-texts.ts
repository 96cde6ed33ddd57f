import { readFile, stat } from 'node:fs/promises'
import { InvalidError, problemOf } from '../../../errors.ts'
import type { Answer, AskRequest } from '../../../runtime/ports/threads.ts'
import { findSource } from '../../../source/folder/find-source.ts'
import { listFolder } from '../../../source/folder/list-folder.ts'
import { isPackedName, largestFile } from '../../../source/source.ts'
import { textOf } from '../../../source/text.ts'
import type { Cli } from '../../cli.ts'
import { shortPath } from '../../terminal/errors.ts'
import { formatSize } from '../../terminal/format.ts'

/** How a text that goes to a server was read. */
export type AskNote = Answer['degraded'][number]

type NamedText = NonNullable<AskRequest['texts']>[number]

/** Files that one question sends, and their bytes. */
const SENT = { files: 1000, bytes: 16 * 1024 * 1024 }

/**
 * The files and folders of a question, for a server that does not have them. PDF and DOCX go as bytes.
 * @throws InvalidError if a file is too large for a question, or cannot be read
 */
export async function textsOf(
  paths: readonly string[],
  terminal: Cli['terminal'],
  encoding: string | undefined,
  notes: AskNote[],
): Promise<readonly NamedText[]> {
  const note = (reason: string) => {
    terminal.say(`Note: ${reason}`)
    notes.push({ phase: 'experience.vectors', reason, completed: true })
  }
  const texts: NamedText[] = []
  for (const path of paths) {
    const source = await findSource(path)
    const shown = shortPath(path, terminal.folder)
    if (source.kind === 'file') texts.push(await namedText(path, shown, encoding, note))
    else texts.push(...(await textsIn(source, terminal, encoding, note)))
  }
  return texts
}

type Note = (reason: string) => void

async function textsIn(
  { ref, pattern }: { readonly ref: string; readonly pattern?: string },
  terminal: Cli['terminal'],
  encoding: string | undefined,
  note: Note,
): Promise<readonly NamedText[]> {
  const { files, bounds, skipped } = await listFolder(ref, { pattern, bounds: SENT })
  const texts: NamedText[] = []
  const missed = skipped.map(({ name, reason }) => `${name} was not read: ${reason}`)
  for (const { path } of files)
    try {
      texts.push(await namedText(path, shortPath(path, terminal.folder), encoding, note))
    } catch (error) {
      missed.push(problemOf(error).message)
    }
  const [first, ...others] = missed
  const more = others.length === 0 ? '' : `; ${others.length} others`
  for (const reason of [...bounds, ...(first === undefined ? [] : [`${first}${more}`])])
    note(`${shortPath(ref, terminal.folder)}: ${reason}`)
  return texts
}

async function namedText(file: string, name: string, encoding: string | undefined, note: Note): Promise<NamedText> {
  const { size: bytes } = await stat(file)
  const most = largestFile(file)
  if (bytes > most)
    throw new InvalidError(`${name} is larger than ${formatSize(most)}.`, {
      code: 'too_large',
      hint: 'Give a smaller file with the part that the question is about.',
    })
  const content = await readFile(file)
  if (isPackedName(file)) return { name, base64: content.toString('base64') }
  const read = readText(content, name, encoding)
  if (typeof read === 'string') return { name, text: read }
  note(read.note)
  return { name, text: read.text }
}

/** @throws InvalidError that names the file whose text cannot be read */
function readText(bytes: Buffer, name: string, encoding: string | undefined) {
  try {
    return textOf(bytes, name, encoding)
  } catch (error) {
    throw new InvalidError(`${name} cannot be read: ${problemOf(error).message}`, {
      hint: 'Give a text file, or name its encoding with --encoding.',
    })
  }
}

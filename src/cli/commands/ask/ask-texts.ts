import { readFile, stat } from 'node:fs/promises'
import { InvalidError, problemOf } from '../../../errors.ts'
import { formatSize } from '../../../lib/text/format-size.ts'
import { findSource } from '../../../source/folder/find-source.ts'
import { leftOutNote } from '../../../source/folder/left-out.ts'
import { listFolder } from '../../../source/folder/list-folder.ts'
import { isPackedName, largestFile } from '../../../source/source.ts'
import { textOf } from '../../../source/text.ts'
import type { Answer, AskRequest } from '../../../thread/room/port.ts'
import type { Cli } from '../../cli.ts'
import { shortPath } from '../../terminal/errors.ts'

/** How a text that goes to a server was read. */
export type AskNote = Answer['degraded'][number]

type NamedText = NonNullable<AskRequest['texts']>[number]

/** Files that one question sends, and their bytes. */
const SENT = { files: 1000, bytes: 16 * 1024 * 1024 }
const MAX_LOSSES = 3

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
  const texts: NamedText[] = []
  const note = (reason: string) => {
    terminal.say(`Note: ${reason}`)
    notes.push({ phase: 'experience.vectors', reason, completed: true })
  }
  const add = async (file: string) => {
    const { note: reason, ...text } = await namedText(file, shortPath(file, terminal.folder), encoding)
    texts.push(text)
    if (reason !== undefined) note(reason)
  }
  for (const path of paths) {
    const { kind, ref, ...source } = await findSource(path)
    if (kind === 'file') {
      await add(path)
      continue
    }
    const { files, ...walk } = await listFolder(ref, { bounds: SENT, ...source })
    const losses = [...walk.bounds, ...walk.skipped.map(({ name, reason }) => `${name} was not read: ${reason}`)]
    for (const file of files) await add(file.path).catch((error) => losses.push(problemOf(error).message))
    for (const loss of [...losses.slice(0, MAX_LOSSES), ...leftOutNote(walk, false)])
      note(`${shortPath(ref, terminal.folder)}: ${loss}`)
    if (losses.length > MAX_LOSSES) note(`${losses.length - MAX_LOSSES} more files were not read`)
  }
  return texts
}

async function namedText(
  file: string,
  name: string,
  encoding: string | undefined,
): Promise<NamedText & { readonly note?: string }> {
  const { size: bytes } = await stat(file)
  const most = largestFile(file)
  if (bytes > most)
    throw new InvalidError(`${name} is larger than ${formatSize(most)}.`, {
      code: 'too_large',
      hint: 'Give a smaller file with the part that the question is about.',
    })
  const content = await readFile(file)
  if (isPackedName(file)) return { name, base64: content.toString('base64') }
  try {
    const read = await textOf(content, name, encoding)
    return typeof read === 'string' ? { name, text: read } : { name, ...read }
  } catch (error) {
    throw new InvalidError(`${name} cannot be read: ${problemOf(error).message}`, {
      hint: 'Give a text file, or name its encoding with --encoding.',
    })
  }
}

/** A prompt has at most 100,000 characters, of up to four bytes each. */
const MAX_PROMPT_BYTES = 400_000

/** The question on standard input. InvalidError if it is empty, too long, or a person would have to type it. */
export async function readPrompt({ handed }: Pick<Cli['terminal'], 'handed'>): Promise<string> {
  const hint = 'Pass it in: antiphon ask - < FILE'
  if (!handed) throw new InvalidError('Expected a question on standard input, got a keyboard.', { hint })
  const text = (await handed(MAX_PROMPT_BYTES)).trim()
  if (text === '') throw new InvalidError('Expected a question on standard input, got nothing.', { hint })
  return text
}

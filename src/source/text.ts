import { unread } from '../extension/reader.ts'
import { decodeText, encodingNote, isDecoded } from '../lib/encoding/encoding.ts'
import { mediaTypeOfBytes, mediaTypeOfName } from '../lib/media/media-type.ts'
import { isTextType } from '../lib/media/text-type.ts'
import { struckGap } from '../lib/text/struck.ts'
import { isCodeName } from '../model/text/passages.ts'
import { leaveOutStruck } from '../model/text/struck.ts'
import { codeByContent } from './code/by-content.ts'
import { readCode } from './code/read-code.ts'
import type { ParsedFile } from './document.ts'
import { refuseForm } from './forms.ts'
import { subtitleUnits } from './media/document-of.ts'
import { splitUnits } from './split.ts'

/** Maximum bytes of a file that is read as text. */
export const MAX_TEXT_BYTES = 4 * 1024 * 1024

/** A text with a note that its encoding was detected and is not UTF-8. */
type NotedText = { readonly text: string; readonly note: string }

/**
 * The text of a file in its encoding, or in the one that is named; with a note if it was detected and is not UTF-8.
 * @throws TerminalError if it is not a text, or has a byte that cannot be read
 */
export async function textOf(bytes: Buffer, name: string, encoding?: string): Promise<string | NotedText> {
  const type = await mediaTypeOfBytes(bytes)
  if (type !== undefined) throw unread(`it is ${type}, but an ask needs text`)
  refuseForm(name, bytes)
  const read = decodeText(bytes, encoding)
  if (!isDecoded(read)) throw unread(read.line === undefined ? 'it is not a text file' : `it ${read.fault}`)
  if (read.text.includes('\0')) throw unread('it is not a text file')
  const note = encodingNote(name, read)
  return note === undefined ? read.text : { text: read.text, note }
}

/**
 * Reads a file as text, and as code where its name or its content says so and a parser is installed. Its lines count
 * in the file.
 * @throws TerminalError if it is not a text
 */
export async function parseText(bytes: Buffer, file: string): Promise<ParsedFile> {
  const { text: written, note } = await readDecoded(bytes)
  const said = mediaTypeOfName(file) ?? 'text/plain'
  const type = isTextType(said) ? said : 'text/plain'
  const subtitles = subtitleUnits(written)
  if (subtitles)
    return { type, modality: 'text', metadata: {}, ...subtitles, gaps: [...(note ? [note] : []), ...subtitles.gaps] }
  const { name, reason } = { name: file, reason: undefined, ...codeByContent(file, written) }
  const { text, words } = leaveOutStruck(name, written)
  const { units, facts, gaps } = await readCode(name, text)
  return {
    type,
    modality: isCodeName(name) ? 'code' : 'text',
    places: 'lines',
    metadata: {},
    text,
    units: units ?? splitUnits(name, text),
    ...(facts && { code: facts }),
    gaps: [...[note, reason].filter((one) => one !== undefined), ...(words === 0 ? [] : [struckGap(words)]), ...gaps],
  }
}

/** A file's text, always with a place for the note, which does not name the file. TerminalError if it is not text. */
export async function readDecoded(bytes: Buffer): Promise<{ readonly text: string; readonly note?: string }> {
  const read = await textOf(bytes, 'it')
  return typeof read === 'string' ? { text: read } : read
}

import { is } from '../errors.ts'
import { DOCX_TYPE, type PackedFile, type ParsedFile } from './document.ts'
import { parseDocx } from './docx.ts'
import { parseHtml } from './html.ts'
import { NOTEBOOK_TYPE, parseNotebook } from './notebook.ts'
import { unread } from './open-file.ts'
import { parsePdf } from './pdf/pdf.ts'
import { parseText } from './text.ts'
import { packFile } from './units.ts'

/** A file to read. The type decides how. */
export type FileToParse = { readonly type: string; readonly name: string; readonly bytes: Uint8Array }

/** Reads the bytes of a file by its type; every other type is read as text. Runs in a thread or a process. */
export async function parseFile({ type, name, bytes }: FileToParse): Promise<PackedFile> {
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  try {
    return packFile(await parserOf(type)(buffer, name))
  } catch (error) {
    throw reasonOf(error)
  }
}

/** Parsers fail in many ways for files that nobody wrote as they should be. */
function reasonOf(error: unknown): unknown {
  if (is(error) || !(error instanceof Error) || NO_MEMORY.test(error.message)) return error
  const isDeep = error instanceof RangeError && /call stack/.test(error.message)
  return isDeep ? unread('it is nested too deeply', 'too_large') : unread('it is broken', 'bad_value')
}

/** The process that reads the file ends by this. */
const NO_MEMORY = /allocation failed/i

function parserOf(type: string): (bytes: Buffer, name: string) => ParsedFile | Promise<ParsedFile> {
  if (type === 'text/html') return parseHtml
  if (type === 'application/pdf') return parsePdf
  if (type === NOTEBOOK_TYPE) return parseNotebook
  return type === DOCX_TYPE ? parseDocx : parseText
}

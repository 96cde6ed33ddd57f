import { is } from '../errors.ts'
import { fileOfBytes, MAX_CHARACTERS, readWith } from '../extension/read.ts'
import { unread } from '../extension/reader.ts'
import { DOCX_TYPE, type PackedFile, type ParsedFile, packFile } from './document.ts'
import { parseDocx } from './docx.ts'
import { parseHtml, parsePage } from './html.ts'
import { NOTEBOOK_TYPE, parseNotebook } from './notebook.ts'
import { documentOfPages, parsePdf } from './pdf/pdf.ts'
import { splitUnits } from './split.ts'
import { parseText } from './text.ts'

/** A file to read. The type decides how. */
export type FileToParse = {
  readonly type: string
  readonly name: string
  readonly bytes: Uint8Array
  /** the module of the extension that reads it; absent: antiphon does it itself */
  readonly module?: string | undefined
}

/** Reads the bytes of a file by its type; every other type is read as text. Runs in a thread or a process. */
export async function parseFile({ type, name, bytes, module }: FileToParse): Promise<PackedFile> {
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  try {
    return packFile(await (module === undefined ? parserOf(type)(buffer, name) : parseWith(module, type, buffer, name)))
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
  return type === NOTEBOOK_TYPE ? parseNotebook : parseText
}

/** Reads a file by an extension. */
async function parseWith(module: string, type: string, bytes: Buffer, name: string): Promise<ParsedFile> {
  if (type === 'application/pdf') return parsePdf(bytes, name, module)
  if (type === DOCX_TYPE) return parseDocx(bytes, name, module)
  const read = await readWith(module, fileOfBytes({ name, type, bytes }))
  if (read.form === 'pages') return { ...documentOfPages(read), type }
  if (read.form === 'html') {
    const page = parsePage(read.html, false)
    return { ...page, type, gaps: [...(read.gaps ?? []), ...page.gaps] }
  }
  if (read.form !== 'text') throw unread(`its reader gave ${read.form} and no text`)
  const text = read.text.slice(0, MAX_CHARACTERS)
  const cut = text.length < read.text.length ? [`only the first ${text.length} characters are read`] : []
  const metadata = read.title === undefined ? {} : { title: read.title }
  const units = splitUnits('file.md', text)
  return { type, modality: 'text', places: 'words', metadata, text, units, gaps: [...(read.gaps ?? []), ...cut] }
}

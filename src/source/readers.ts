import { DOCX_TYPE, type ParsedFile } from './document.ts'
import { parseDocx } from './docx.ts'
import { parseHtml } from './html.ts'
import { parsePdf } from './pdf.ts'
import { parseText } from './text.ts'

/** A file to read. The type decides how. */
export type FileToParse = { readonly type: string; readonly name: string; readonly bytes: Uint8Array }

/** Reads the bytes of a file by its type; every other type is read as text. Runs in a thread. */
export function parseInThread({ type, name, bytes }: FileToParse): Promise<ParsedFile> | ParsedFile {
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  if (type === 'text/html') return parseHtml(buffer, name)
  if (type === 'application/pdf') return parsePdf(buffer)
  return type === DOCX_TYPE ? parseDocx(buffer) : parseText(buffer, name)
}

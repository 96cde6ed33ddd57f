import { DOCX_TYPE, type PackedFile, type ParsedFile } from './document.ts'
import { parseDocx } from './docx.ts'
import { parseHtml } from './html.ts'
import { parsePdf } from './pdf.ts'
import { parseText } from './text.ts'
import { packFile } from './units.ts'

/** A file to read. The type decides how. */
export type FileToParse = { readonly type: string; readonly name: string; readonly bytes: Uint8Array }

/** Reads the bytes of a file by its type; every other type is read as text. Runs in a thread. */
export async function parseInThread({ type, name, bytes }: FileToParse): Promise<PackedFile> {
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  return packFile(await parserOf(type)(buffer, name))
}

function parserOf(type: string): (bytes: Buffer, name: string) => ParsedFile | Promise<ParsedFile> {
  if (type === 'text/html') return parseHtml
  if (type === 'application/pdf') return parsePdf
  return type === DOCX_TYPE ? parseDocx : parseText
}

import { fileOfBytes, readWith } from '../extension/read.ts'
import { unread } from '../extension/reader.ts'
import { counted } from '../lib/text/counted.ts'
import { DOCX_TYPE, type ParsedFile } from './document.ts'
import { readyDocx, splitPageParts } from './docx-parts.ts'
import { parsePage } from './html.ts'

/**
 * Reads the text of a DOCX with its headings, lists, tables, page headers and footers. Tracked changes are read as
 * accepted. Pictures and comments are gaps. `module`: the extension that reads it.
 * @throws TerminalError if it is not a DOCX, or if its parts are too large
 */
export async function parseDocx(bytes: Buffer, name: string, module: string): Promise<ParsedFile> {
  const file = fileOfBytes({ name, type: DOCX_TYPE, bytes })
  const { parts, changes, comments } = readyDocx(await file.unpack().catch(brokenIfNoZip))
  const read = await readWith(module, { ...file, unpack: async () => parts })
  if (read.form !== 'html') throw unread(`its reader gave ${read.form} and no html`)
  const parsed = parsePage(splitPageParts(read.html), false)
  const gaps = [
    ...(read.gaps ?? []),
    ...(changes > 0 ? [`it has ${counted(changes, 'tracked change')}, and is read as if all were accepted`] : []),
    ...(comments > 0
      ? [`it has ${counted(comments, 'comment')}, which ${comments === 1 ? 'is' : 'are'} not read`]
      : []),
  ]
  return { ...parsed, type: DOCX_TYPE, gaps: [...gaps, ...parsed.gaps] }
}

function brokenIfNoZip(error: Error & { readonly code?: string }): never {
  throw error.code === 'bad_value' ? unread('it is a broken DOCX', 'bad_value') : error
}

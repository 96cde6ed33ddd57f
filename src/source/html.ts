import { unread } from '../extension/reader.ts'
import { struckGap } from '../lib/text/struck.ts'
import { readPage } from '../web/page/article.ts'
import type { ParsedFile } from './document.ts'
import { splitUnits } from './split.ts'
import { readDecoded } from './text.ts'

/**
 * Reads a page: its article where one can be told from the rest, otherwise all of it. Nothing in the page is run.
 * @throws TerminalError if it is not a text
 */
export async function parseHtml(bytes: Buffer): Promise<ParsedFile> {
  const { text: html, note } = await readDecoded(bytes)
  const parsed = parsePage(html, true)
  return { ...parsed, type: 'text/html', gaps: note === undefined ? parsed.gaps : [note, ...parsed.gaps] }
}

/** Maximum tags of a page: its elements take far more memory than its text. */
const MAX_TAGS = 200_000

/** The units of a page. `main`: only those of its article. TerminalError `too_large` for too many tags. */
export function parsePage(html: string, main: boolean): Omit<ParsedFile, 'type'> {
  if (html.split('<').length > MAX_TAGS) throw unread(`it has more than ${MAX_TAGS} tags`, 'too_large')
  const { title, text, whole = text, struck } = readPage({ html, url: '', main })
  return {
    modality: 'text',
    // the lines of the markdown are not those of the page
    places: 'words',
    metadata: title === '' ? {} : { title },
    text,
    units: splitUnits('page.md', text),
    gaps: [
      ...(struck === undefined ? [] : [struckGap(struck)]),
      ...(whole.length > text.length ? [`only the first ${text.length} of ${whole.length} characters are read`] : []),
    ],
  }
}

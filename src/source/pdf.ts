import type { ParsedFile } from './document.ts'
import { pageLocator } from './document.ts'
import { unread } from './open-file.ts'
import { peerMissing } from './peer.ts'
import { splitText } from './split.ts'

const MAX_PAGES = 5_000
/** The parser reports errors and prints nothing. */
const QUIET = { verbosity: 0 }

/**
 * Reads the text of a PDF, page by page. It has no headings, and a page without text is a gap.
 * @throws InvalidError `peer_missing` that says how to install the parser; TerminalError if it is not a PDF
 */
export async function parsePdf(bytes: Buffer): Promise<ParsedFile> {
  const { getDocumentProxy } = await import('unpdf').catch(peerMissing('a PDF', 'unpdf@1.8.1'))
  const pdf = await getDocumentProxy(new Uint8Array(bytes), QUIET).catch((cause: Error) => {
    throw unread(/password/i.test(cause.message) ? 'it is protected by a password' : 'it is a broken PDF', 'bad_value')
  })
  const count = Math.min(pdf.numPages, MAX_PAGES)
  const pages: string[] = []
  for (let page = 1; page <= count; page++) pages.push(await textOfPage(pdf, page))
  const title = await titleOf(pdf)
  return {
    type: 'application/pdf',
    metadata: { pages: pdf.numPages, ...(title !== undefined && { title }) },
    passages: pages.flatMap((text, index) =>
      splitText('page.txt', text).map((passage) => ({ ...passage, locator: pageLocator(index + 1) })),
    ),
    gaps: gapsOf(pages, pdf.numPages),
  }
}

type Pdf = Awaited<ReturnType<typeof import('unpdf').getDocumentProxy>>

async function textOfPage(pdf: Pdf, number: number): Promise<string> {
  const page = await pdf.getPage(number)
  const { items } = await page.getTextContent()
  page.cleanup()
  return items.map((item) => ('str' in item ? `${item.str}${item.hasEOL ? '\n' : ''}` : '')).join('')
}

async function titleOf(pdf: Pdf): Promise<string | undefined> {
  const { info } = await pdf.getMetadata()
  const { Title: title } = info as { readonly Title?: unknown }
  return typeof title === 'string' && title.trim() !== '' ? title.trim().slice(0, 300) : undefined
}

function gapsOf(pages: readonly string[], count: number): readonly string[] {
  const empty = pages.flatMap((text, index) => (text.trim() === '' ? [index + 1] : []))
  const named = empty.slice(0, 5).join(', ')
  const scans = `${empty.length} of ${count} pages have no text, perhaps because they are pictures: ${named}${empty.length > 5 ? ', …' : ''}`
  return [
    ...(empty.length > 0 ? [scans] : []),
    ...(count > pages.length ? [`only the first ${pages.length} of ${count} pages are read`] : []),
  ]
}

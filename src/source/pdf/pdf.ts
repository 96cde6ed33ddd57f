import { linesOf } from '../../model/text/blocks.ts'
import type { ParsedFile, Unit } from '../document.ts'
import { unread } from '../open-file.ts'
import { peerMissing } from '../peer.ts'
import { splitUnits } from '../split.ts'
import { isInflated } from './inflate.ts'
import { strikeOutGaps } from './strike-out.ts'

const MAX_PAGES = 5_000
/** Maximum characters of all pages. */
const MAX_TEXT = 16 * 1024 * 1024
/** Between two pages. */
const BREAK = '\n\f'
/** The parser reports errors and prints nothing. */
const QUIET = { verbosity: 0 }

/**
 * Reads the text of a PDF, page by page. It has no headings, and a page without text is a gap.
 * @throws InvalidError `peer_missing` that says how to install the parser; TerminalError if it is not a PDF
 */
export async function parsePdf(bytes: Buffer): Promise<ParsedFile> {
  if (isInflated(bytes)) throw unread('it unpacks to more than a reader can hold', 'too_large')
  const { getDocumentProxy } = await import('unpdf').catch(peerMissing('a PDF', 'unpdf'))
  const pdf = await getDocumentProxy(new Uint8Array(bytes), QUIET).catch((cause: Error) => {
    throw unread(/password/i.test(cause.message) ? 'it is protected by a password' : 'it is a broken PDF', 'bad_value')
  })
  const count = Math.min(pdf.numPages, MAX_PAGES)
  const pages: string[] = []
  for (let page = 1, left = MAX_TEXT; page <= count && left > 0; page++) {
    const text = (await textOfPage(pdf, page)).slice(0, left)
    left -= text.length
    pages.push(text)
  }
  const title = await titleOf(pdf)
  return {
    type: 'application/pdf',
    modality: 'text',
    places: 'pages',
    metadata: { pages: pdf.numPages, ...(title !== undefined && { title }) },
    text: pages.join(BREAK),
    units: unitsOfPages(pages),
    gaps: [...(await strikeOutGaps(pdf, pages.length)), ...gapsOf(pages, pdf.numPages)],
  }
}

/** Each page is split alone, so no unit reaches over its end. */
function unitsOfPages(pages: readonly string[]): readonly Unit[] {
  let [offset, lines, blocks] = [0, 0, 0]
  return pages.flatMap((text, index) => {
    const units = splitUnits('page.txt', text).map((unit) => ({
      ...unit,
      start: unit.start + offset,
      end: unit.end + offset,
      line: unit.line + lines,
      endLine: unit.endLine + lines,
      block: unit.block + blocks,
      page: index + 1,
    }))
    offset += text.length + BREAK.length
    lines += linesOf(text).length
    blocks = (units.at(-1)?.block ?? blocks) + 1
    return units
  })
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
  const scans =
    empty.length === 1
      ? `page ${named} of ${count} has no text, perhaps because it is a picture`
      : `pages ${named}${empty.length > 5 ? ', …' : ''} of ${count} have no text, perhaps because they are pictures`
  return [
    ...(empty.length > 0 ? [scans] : []),
    ...(count > pages.length ? [`only the first ${pages.length} of ${count} pages are read`] : []),
  ]
}

import { type PlacedText, type Reader, type ReaderPage, unread } from 'antiphon/extend'

/** The parser reports errors and prints nothing. */
const QUIET = { verbosity: 0 }

/** Reads the pages of a PDF: its texts at their places, its title, and the marks that strike text out. */
export const pdfReader: Reader = {
  types: ['application/pdf'],
  async read(file, terms) {
    const { getDocumentProxy } = await import('unpdf')
    const pdf = await getDocumentProxy(new Uint8Array(await file.read()), QUIET).catch((cause: Error) => {
      const why = /password/i.test(cause.message) ? 'it is protected by a password' : 'it is a broken PDF'
      throw unread(why, 'bad_value')
    })
    const pages: ReaderPage[] = []
    let left = terms.characters
    for (let number = 1; number <= Math.min(pdf.numPages, terms.pages) && left > 0; number++) {
      const page = await pageOf(pdf, number)
      left -= page.items.reduce((sum, { text }) => sum + text.length, 0)
      pages.push(page)
    }
    const title = await titleOf(pdf)
    return { form: 'pages', pages, count: pdf.numPages, ...(title !== undefined && { title }) }
  },
}

type Pdf = Awaited<ReturnType<typeof import('unpdf').getDocumentProxy>>

async function pageOf(pdf: Pdf, number: number): Promise<ReaderPage> {
  const page = await pdf.getPage(number)
  const { items } = await page.getTextContent()
  const notes: readonly { readonly subtype?: string }[] = await page.getAnnotations()
  page.cleanup()
  return {
    items: items.flatMap((item): PlacedText[] => {
      if (!('str' in item)) return []
      const { str: text, transform, width, height, hasEOL: isEnd } = item
      const [, , , up = 0, x = 0, y = 0] = transform as readonly number[]
      return [{ text, x, y, width, size: height || Math.abs(up) || 1, isEnd }]
    }),
    strikeOuts: notes.filter(({ subtype }) => subtype === 'StrikeOut').length,
  }
}

async function titleOf(pdf: Pdf): Promise<string | undefined> {
  const { info } = await pdf.getMetadata()
  const { Title: title } = info as { readonly Title?: unknown }
  return typeof title === 'string' ? title : undefined
}

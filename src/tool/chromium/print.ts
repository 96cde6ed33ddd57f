import { escapeHtml } from '../../lib/text/escape-html.ts'
import { withBrowser } from './browser.ts'

type PrintJob = {
  readonly html: string
  readonly format: 'A4' | 'Letter'
  /** text at the foot of each page, left of the number */
  readonly footer: string
  /** ms */
  readonly timeout: number
  readonly signal: AbortSignal
}

type PrintedPdf = { readonly pdf: Uint8Array; readonly sandbox: string }

const MARGIN = { top: '20mm', bottom: '22mm', left: '18mm', right: '18mm' }

/** Prints a document as PDF. Its scripts do not run, and there is no network: pictures must be part of it. */
export function printPdf({ html, format, footer, timeout, signal }: PrintJob): Promise<PrintedPdf> {
  return withBrowser({ timeout, signal }, async ({ browser, sandbox }) => {
    const context = await browser.newContext({ javaScriptEnabled: false, offline: true })
    const page = await context.newPage()
    await page.setContent(html, { waitUntil: 'load', timeout: 0 })
    const pdf = await page.pdf({
      format,
      margin: MARGIN,
      printBackground: true,
      outline: true,
      tagged: true,
      displayHeaderFooter: true,
      headerTemplate: '<span></span>',
      footerTemplate: footerOf(footer),
    })
    return { pdf, sandbox }
  })
}

const footerOf = (text: string) =>
  `<div style="font: 8px sans-serif; color: #666; width: 100%; margin: 0 18mm; display: flex; justify-content: space-between">
<span>${escapeHtml(text)}</span><span><span class="pageNumber"></span> / <span class="totalPages"></span></span></div>`

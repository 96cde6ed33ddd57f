import { extname } from 'node:path'
import { performance } from 'node:perf_hooks'
import { InvalidError, is, TerminalError } from '../../../errors.ts'
import type { PageSource, WebPage } from '../../../web/page/article.ts'
import type { WebResponse } from '../../../web/request.ts'
import { boundedOffload, type OffloadJob } from '../../../worker/offload/offload.ts'
import { servicesOf, type ToolContext } from '../../tool.ts'
import { decodeBody, tellEncoding } from './decode-body.ts'

type WebPageQuery = {
  readonly url: string
  /** the article on it, where one can be told from the rest */
  readonly main: boolean
  readonly selector?: string | undefined
  /** whether its scripts run; absent: only if the page is empty without them */
  readonly javascript?: boolean | undefined
  /** of the page; absent: as it declares, or detected */
  readonly encoding?: string | undefined
  /** seconds */
  readonly timeout: number
}

/** A page, and the way it was read. `sandbox`: where its scripts ran. */
type PageReading = WebPage & {
  readonly url: string
  readonly status_code: number
  readonly reader: 'fetch' | 'chromium'
  readonly sandbox?: string
}

/** Bytes of a page that are read: more would hold a thread for too long. */
export const MAX_PAGE_BYTES = 5_000_000
const READ_TIMEOUT_MS = 20_000
/** ms that Chromium gets at least. */
const MIN_TIMEOUT_MS = 5000

/** Fetches a page and reads it, by Chromium where scripts are asked for, or where a page is empty without them. */
export async function readPageOf(query: WebPageQuery, context: ToolContext): Promise<PageReading> {
  if (query.javascript) return readRendered(query, query.timeout * 1000, context)
  const started = performance.now()
  const response = await fetchPage(query, context)
  const type = response.headers['content-type'] ?? 'text/html'
  const read = decodeBody(response.body, { type, encoding: query.encoding })
  if (!read) throw notAPage(type)
  tellEncoding('the page', read, context)
  const html = read.text
  const isHtml = /html|xml/i.test(type)
  const page = isHtml ? await readHtml(html, response.url, query, context) : asText(html, type)
  const fetched = { ...page, url: response.url, status_code: response.status, reader: 'fetch' as const }
  const mayGain = isHtml && page.text === '' && /<script/i.test(html)
  if (query.javascript === false || !mayGain) return fetched
  const left = Math.max(MIN_TIMEOUT_MS, query.timeout * 1000 - (performance.now() - started))
  return readRendered(query, left, context).catch((error) => {
    if (cannotRun(error)) return fetched
    throw error
  })
}

/** Without a browser, an empty page stays empty. */
const cannotRun = (error: unknown) =>
  is(error) && ['browser_missing', 'sandbox_missing', 'peer_missing'].includes(error.code)

async function readRendered(query: WebPageQuery, timeout: number, context: ToolContext): Promise<PageReading> {
  const { visitPage } = await import('../../chromium/visit.ts')
  const web = await servicesOf(context).web()
  const visited = await visitPage(web, { url: query.url, timeout, signal: context.signal })
  const { url, status, html, sandbox } = visited
  checkStatus(url, status)
  const page = await readHtml(html, url, query, context)
  return { ...page, url, status_code: status, reader: 'chromium', sandbox }
}

async function fetchPage({ url, timeout }: WebPageQuery, context: ToolContext): Promise<WebResponse> {
  const web = await servicesOf(context).web()
  const headers = { accept: 'text/html,application/xhtml+xml,text/plain;q=0.8,*/*;q=0.5' }
  const response = await web.request({
    url,
    headers,
    timeout: timeout * 1000,
    maxBytes: MAX_PAGE_BYTES,
    signal: context.signal,
  })
  checkStatus(response.url, response.status)
  return response
}

/** TerminalError `http_status` where a server has no such page. */
export function checkStatus(url: string, status: number): void {
  if (status >= 400) throw new TerminalError(`${new URL(url).origin} answers ${status}.`, { code: 'http_status' })
}

const READ_JOB: OffloadJob = {
  file: new URL(`../../../web/page/article${extname(import.meta.url)}`, import.meta.url),
  name: 'readPage',
}

function readHtml(html: string, url: string, { selector, main }: WebPageQuery, context: ToolContext): Promise<WebPage> {
  const source: PageSource = { html, url, main, ...(selector !== undefined && { selector }) }
  const terms = {
    share: context.share ?? '',
    deadline: READ_TIMEOUT_MS,
    what: 'Reading this page',
    signal: context.signal,
  }
  return boundedOffload().run(READ_JOB, source, terms) as Promise<WebPage>
}

function asText(text: string, type: string): WebPage {
  if (!/^text\/|json/i.test(type)) throw notAPage(type)
  return { title: '', text, word_count: text.split(/\s+/).filter(Boolean).length, links: [], images: [], metadata: {} }
}

const notAPage = (type: string) =>
  new InvalidError(`Expected a page, got ${type}.`, { hint: 'http-client saves files: set `output_path`.' })

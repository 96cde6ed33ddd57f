import { performance } from 'node:perf_hooks'
import type { Browser, Page, Request, Response } from 'playwright-core'
import { InvalidError, RetryableError, TerminalError } from '../../errors.ts'
import { type FilteringProxy, REFUSED } from '../../web/filtering-proxy.ts'
import { MAX_REDIRECTS, USER_AGENT, type Web } from '../../web/request.ts'
import { type OpenBrowser, type ProxyLogin, withBrowser } from './browser.ts'

/** A page to be opened in Chromium, which runs its scripts. */
type Visit = {
  readonly url: string
  /** ms for all of it */
  readonly timeout: number
  readonly signal: AbortSignal
  /** also take a picture */
  readonly picture?: PictureOptions
}

type PictureOptions = {
  /** pixels of the window */
  readonly width: number
  readonly height: number
  /** the whole page, at most MAX_PICTURE_HEIGHT high */
  readonly whole: boolean
  /** only the first element that this CSS selector finds */
  readonly selector?: string
}

/** A page as its scripts left it. */
type VisitedPage = {
  readonly url: string
  readonly status: number
  readonly title: string
  readonly html: string
  /** a PNG */
  readonly picture?: Uint8Array
  readonly sandbox: string
}

/** ms to wait until a page loads nothing more. */
export const REST_MS = 5000
const MAX_HTML_CHARACTERS = 5_000_000
const MAX_PICTURE_HEIGHT = 10_000
export const WINDOW = { width: 1280, height: 800 }

/** Opens a page in a Chromium of its own. All that the page requests takes the way out and passes its checks. */
export async function visitPage(web: Web, { url, timeout, signal, picture }: Visit): Promise<VisitedPage> {
  const checked = web.policy.checkUrl(url)
  return withBrowser({ web, timeout, signal }, async ({ browser, proxy, login, sandbox }: OpenBrowser) => {
    const page = await openPage(browser, { ...(picture ?? WINDOW), ...(login && { login }) })
    const watch = watchMainFrame(page)
    await arrive(page, checked, watch, proxy!, timeout)
    const html = await contentOf(page)
    const { url: last = checked, status = 0 } = watch.end()
    const bytes = picture && (await take(page, picture))
    return { url: last.href, status, title: await page.title(), html, ...(bytes && { picture: bytes }), sandbox }
  })
}

type MainFrame = ReturnType<typeof watchMainFrame>

/** Goes to an address, and waits until its page loads nothing more. */
export async function arrive(page: Page, to: URL, watch: MainFrame, proxy: FilteringProxy, timeout: number) {
  const deadline = performance.now() + Math.min(REST_MS, timeout / 2)
  await page.goto(to.href, { waitUntil: 'commit', timeout: 0 }).catch((error) => {
    // an answer without a body, such as an empty 404, has no page
    if (!isEmptyAnswer(error, watch.now(), proxy)) throw failureOf(error, watch.now().url ?? to, proxy)
  })
  await settle(page, deadline)
  const refused = refusalOf(watch, proxy)
  if (refused) throw refused
}

/** Why the way out refused the page that is there now. */
export function refusalOf(watch: MainFrame, proxy: FilteringProxy): Error | undefined {
  const { url, status = 0 } = watch.end()
  return url && (status === REFUSED || status === 0) ? proxy.failureOf(url) : undefined
}

type PageOptions = {
  readonly width: number
  readonly height: number
  readonly login?: ProxyLogin
  /** no connection is used twice: Chromium sends a form again if one that it has used before breaks off */
  readonly sendsOnce?: true
}

export async function openPage(browser: Browser, { width, height, login, sendsOnce }: PageOptions) {
  const version = browser.version().split('.')[0]
  const context = await browser.newContext({
    acceptDownloads: false,
    serviceWorkers: 'block',
    viewport: { width, height },
    ...(login && { proxy: login }),
    ...(sendsOnce && { extraHTTPHeaders: { connection: 'close' } }),
    userAgent: `Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/${version}.0.0.0 Safari/537.36 ${USER_AGENT}`,
  })
  const page = await context.newPage()
  context.on('page', (other) => void (other !== page && other.close().catch(() => {})))
  return page
}

type Arrival = { readonly url?: URL; readonly status?: number }

/** Follows the page through redirects, including those of scripts and tags. */
export function watchMainFrame(page: Page) {
  let arrival: Arrival = {}
  let tooMany = false
  const concerns = (request: Request) => request.isNavigationRequest() && request.frame() === page.mainFrame()
  page.on('request', (request: Request) => {
    const url = URL.parse(request.url())
    if (!concerns(request) || !url) return
    arrival = { url }
    tooMany ||= redirectsBefore(request) > MAX_REDIRECTS
  })
  page.on('response', (response: Response) => {
    if (concerns(response.request())) arrival = { ...arrival, status: response.status() }
  })
  page.on('requestfailed', (request: Request) => {
    if (concerns(request) && request.url() === arrival.url?.href) arrival = { status: 0, ...arrival }
  })
  return {
    now: () => arrival,
    end(): Arrival {
      if (!tooMany) return arrival
      throw new TerminalError(`The page leads through more than ${MAX_REDIRECTS} redirects.`, {
        code: 'too_many_redirects',
      })
    },
  }
}

function redirectsBefore(request: Request): number {
  const before = request.redirectedFrom()
  return before ? redirectsBefore(before) + 1 : 0
}

/** Waits until the page loads nothing more. A page that never stops loading is read as it is. */
export async function settle(page: Page, deadline: number): Promise<void> {
  for (const state of ['load', 'networkidle'] as const) {
    const timeout = Math.max(1, deadline - performance.now())
    await page.waitForLoadState(state, { timeout }).catch(ignoreTimeout)
  }
}

function ignoreTimeout(error: Error): void {
  if (error.name !== 'TimeoutError') throw error
}

/** The present document; during a navigation, the document that follows. */
async function contentOf(page: Page): Promise<string> {
  const html = await page.content().catch(async (error: Error) => {
    if (!/navigat/i.test(error.message)) throw error
    await page.waitForLoadState('domcontentloaded', { timeout: REST_MS }).catch(ignoreTimeout)
    return page.content()
  })
  if (html.length <= MAX_HTML_CHARACTERS) return html
  throw new TerminalError(`The page has more than ${MAX_HTML_CHARACTERS} characters.`, { code: 'response_too_large' })
}

async function take(page: Page, { width, height, whole, selector }: PictureOptions): Promise<Uint8Array> {
  const how = { type: 'png', timeout: REST_MS } as const
  if (selector !== undefined) return elementPicture(page, selector, how)
  if (!whole) return page.screenshot(how)
  const full = await page.evaluate<number>('document.documentElement.scrollHeight')
  const clip = { x: 0, y: 0, width, height: Math.min(Math.max(full, height), MAX_PICTURE_HEIGHT) }
  return page.screenshot({ ...how, fullPage: true, clip })
}

async function elementPicture(page: Page, selector: string, how: { type: 'png'; timeout: number }) {
  const element = page.locator(`css=${selector}`).first()
  if ((await element.count()) === 0) throw new InvalidError(`The page has no element ${selector}.`)
  return element.screenshot(how)
}

function isEmptyAnswer(error: Error, { url, status = 0 }: Arrival, proxy: FilteringProxy): boolean {
  return status >= 400 && error.message.includes('ERR_HTTP_RESPONSE_CODE_FAILURE') && !(url && proxy.failureOf(url))
}

/** The error of the address that the page asked for last. */
function failureOf(error: Error, url: URL, proxy: FilteringProxy): Error {
  const known = proxy.failureOf(url)
  if (known) return known
  if (/download/i.test(error.message))
    return new InvalidError('Expected a page, got a download.', { hint: 'http-client saves files: set `output_path`.' })
  const [reason] = /net::ERR_\w+/.exec(error.message) ?? []
  return reason === undefined
    ? error
    : new RetryableError(`The request to ${url.host} failed: ${reason}`, { code: 'web_failed' })
}

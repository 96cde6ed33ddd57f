import { performance } from 'node:perf_hooks'
import { setTimeout } from 'node:timers/promises'
import type { ElementHandle, Locator, Page } from 'playwright-core'
import { InvalidError, is, RetryableError, UnknownError } from '../../errors.ts'
import { clip } from '../../lib/clip.ts'
import type { Web } from '../../web/request.ts'
import { withBrowser } from './browser.ts'
import { isHarmless, type NamedElement, type PageAction, wordsOfAction, wordsOfElement } from './page-action.ts'
import { arrive, openPage, REST_MS, refusalOf, settle, WINDOW, watchMainFrame } from './visit.ts'

/** Actions on the pages of one browser, in order. */
type Acting = {
  readonly actions: readonly PageAction[]
  /** ms for all of it */
  readonly timeout: number
  readonly signal: AbortSignal
  /** The bytes of a file of the owner, for an upload. */
  readonly file: (id: string) => Promise<UploadedFile>
  /** Called before each action that may change something, with the page as it is then. */
  readonly before: (words: string, place: number, picture: Uint8Array | undefined) => Promise<void>
}

type UploadedFile = { readonly name: string; readonly mimeType: string; readonly buffer: Buffer }

/** The page after the last action. */
type ActedPage = {
  readonly url: string
  readonly status: number
  readonly title: string
  readonly text: string
  /** sentences about windows and questions of the page, which nobody sees */
  readonly notes: readonly string[]
  /** a JPEG with blank fields for passwords, and all fields blank once a secret was typed; undefined: there is none */
  readonly picture: Uint8Array | undefined
  readonly sandbox: string
}

/** ms in which an element must be there. */
const FIND_MS = 10_000
const LOOK_MS = 200

/**
 * Does actions in a Chromium of its own; all that its pages request takes the way out of `visitPage`.
 * @throws InvalidError for an action that was not done, and UnknownError for one whose end nobody knows
 */
export async function actOnPages(web: Web, { actions, timeout, signal, file, before }: Acting): Promise<ActedPage> {
  // nothing is done where a later address is refused
  for (const action of actions) if ('open' in action) web.policy.checkUrl(action.open)
  let doing: PageAction | undefined
  let done = 0
  const acted = withBrowser({ web, timeout, signal }, async ({ browser, proxy, login, sandbox }) => {
    const page = await openPage(browser, { ...WINDOW, sendsOnce: true, ...(login && { login }) })
    const watch = watchMainFrame(page)
    const notes = watchWindows(page)
    // a selector may not find a field again once it is filled
    const mask = () => [page.locator(isSecretTyped ? 'input, textarea' : 'input[type=password]')]
    let isSecretTyped = false
    const take = () => read(page, () => page.screenshot({ type: 'jpeg', quality: 60, timeout: REST_MS, mask: mask() }))
    for (const action of actions) {
      if ('open' in action) await arrive(page, web.policy.checkUrl(action.open), watch, proxy!, timeout)
      else {
        const words = wordsOfAction(action)
        const element = await elementOf(page, action, words)
        const upload = 'upload' in action ? await file(action.file) : undefined
        if ('secret' in action) {
          checkHost(page, action.hosts)
          isSecretTyped = true
        }
        if (!isHarmless(action)) await before(words, done + 1, await take())
        await prepare(element, action)
        doing = action
        await perform(page, element, action, upload)
        // a key or a script may lead to another page a moment later, which is awaited however long it takes
        do await setTimeout(LOOK_MS)
        while (!page.isClosed() && watch.now().url && watch.now().status === undefined)
        await settle(page, performance.now() + REST_MS)
        const refused = refusalOf(watch, proxy!)
        if (refused) throw refused
        if (watch.now().status === 0) throw new RetryableError(`${page.url()} did not answer.`)
        doing = undefined
      }
      done++
    }
    const { status = 0 } = watch.end()
    const text = await read(page, () => page.evaluate<string>('document.body?.innerText ?? ""'))
    if (text === undefined) notes.push('the page could not be read after the last action')
    const title = (await read(page, () => page.title())) ?? ''
    return { url: page.url(), status, title, text: text ?? '', notes, picture: await take(), sandbox }
  })
  return acted.catch((error) => {
    throw signal.aborted ? error : explained(error, { actions, done, doing })
  })
}

/** Reads a page, also one that moves on meanwhile. Undefined: it cannot be read, and what was done is done. */
async function read<T>(page: Page, how: () => Promise<T>): Promise<T | undefined> {
  const again = () => page.waitForLoadState('domcontentloaded', { timeout: REST_MS }).then(how)
  return how()
    .catch(again)
    .catch(() => undefined)
}

function watchWindows(page: Page): string[] {
  const notes: string[] = []
  page.on('dialog', (dialog) => {
    notes.push(`the page asked ${JSON.stringify(clip(dialog.message(), 200))}, and the answer was no`)
    void dialog.dismiss().catch(() => {})
  })
  page.on('popup', () => notes.push('the page opened a window, which was closed'))
  return notes
}

function locate(page: Page, element: NamedElement, exact: boolean): Locator {
  if ('selector' in element) return page.locator(`css=${element.selector}`)
  if ('label' in element) return page.getByLabel(element.label, { exact })
  const { role, name } = element
  return page.getByRole(role as Parameters<Page['getByRole']>[0], name === undefined ? {} : { name, exact })
}

/** The one element that an action names; undefined for a key that goes to the page. */
async function elementOf(page: Page, action: PageAction, words: string): Promise<ElementHandle | undefined> {
  const element = 'press' in action ? action.on : (Object.values(action)[0] as NamedElement)
  if (!element) return undefined
  const found = locate(page, element, false)
  await found
    .first()
    .waitFor({ timeout: FIND_MS, state: 'upload' in action ? 'attached' : 'visible' })
    .catch((cause) => {
      if (cause.name !== 'TimeoutError') throw new InvalidError(`Chromium cannot ${words}: ${cause.message}`, { cause })
      throw new InvalidError(`The page ${page.url()} has no ${wordsOfElement(element).replace(/^the /, '')}.`, {
        cause,
      })
    })
  const exact = locate(page, element, true)
  const [one, count] = [(await exact.count()) === 1 ? exact : found, await found.count()]
  if (one === found && count > 1)
    throw new InvalidError(`The page has ${count} elements for ${wordsOfElement(element)}.`, {
      hint: 'Give the whole name, or a CSS selector that finds one.',
    })
  const held = await one.elementHandle({ timeout: FIND_MS })
  if ((await held.ownerFrame()) === page.mainFrame()) return held
  throw new InvalidError(`${wordsOfElement(element)} is not in the main frame of the page.`)
}

// the element is held already: if the page moves on after this look, nothing can be typed into it
function checkHost(page: Page, hosts: readonly string[]): void {
  const { origin } = new URL(page.url())
  const origins = hosts.map((host) => (host.includes('://') ? host : `https://${host}`))
  if (origins.includes(origin)) return
  throw new InvalidError(`The secret is for ${origins.join(', ')}, and the page is of ${origin}: it was not typed.`)
}

/** Waits until the action can be done. An error here says that it was not done. */
async function prepare(element: ElementHandle | undefined, action: PageAction): Promise<void> {
  if ('click' in action) await element!.click({ timeout: FIND_MS, trial: true })
  if ('fill' in action) await element!.waitForElementState('editable', { timeout: FIND_MS })
}

async function perform(
  page: Page,
  element: ElementHandle | undefined,
  action: PageAction,
  upload: UploadedFile | undefined,
): Promise<unknown> {
  // without a limit of its own: an action that goes on too long may have been done
  const how = { timeout: 0 }
  if ('click' in action) return element!.click(how)
  if ('fill' in action) return element!.fill('secret' in action ? action.secret : action.text, how)
  if ('select' in action) return element!.selectOption(action.option, { timeout: FIND_MS })
  if ('upload' in action) return element!.setInputFiles(upload!, how)
  if ('press' in action) return element ? element.press(action.press, how) : page.keyboard.press(action.press)
  return undefined
}

type Progress = {
  readonly actions: readonly PageAction[]
  readonly done: number
  readonly doing: PageAction | undefined
}

/** The error with what was done before it, and whether the outcome is known: if so, it names no cause that is not. */
function explained(error: unknown, { actions, done, doing }: Progress): unknown {
  const { message, name } = error as Error
  const isOurs = is(error)
  // Playwright says so before it does anything
  const isRefused =
    !isOurs && (name === 'TimeoutError' ? doing && 'select' in doing : /Unknown key|Element is not/.test(message))
  if (doing && !isHarmless(doing) && !isRefused)
    return new UnknownError(`Whether Chromium did this is unknown: ${wordsOfAction(doing)}. ${message}`)
  const isNothingDone = actions.slice(0, done).every(isHarmless)
  if (done === actions.length && !isNothingDone)
    return new UnknownError(
      `All actions were done, and Chromium ended before it was read what came of them: ${message}`,
    )
  if (isOurs && isNothingDone) return error.terminal ? error : new RetryableError(message, { code: 'web_failed' })
  const what =
    isOurs || !doing ? message.split('\n')[0]! : `Chromium could not ${wordsOfAction(doing)}: ${message.split('\n')[0]}`
  return new InvalidError(what, {
    ...(isOurs && error.terminal && { code: error.code }),
    hint: `${done} of ${actions.length} actions were done before. The page is gone, and they are not undone.`,
  })
}

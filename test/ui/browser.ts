import { existsSync, readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { type Browser, type BrowserContext, chromium, type Page } from 'playwright-core'

/** The shell first: without the parts of a window, it needs half the CPU. */
const CHROMIUM = ['chromium-headless-shell', 'chromium', 'chromium-browser', 'google-chrome']

/** Where Chromium is; undefined: `apt-get install chromium` brings it. */
export const chromiumPath = CHROMIUM.map((name) => `/usr/bin/${name}`).find((path) => existsSync(path))

export const openBrowser = (): Promise<Browser> =>
  chromium.launch({ executablePath: chromiumPath!, args: ['--no-sandbox'] })

/** What a page must never do: throw, break its rules of content, or ask another origin. */
export type Watched = { readonly page: Page; readonly faults: string[]; readonly asked: Set<string> }

type State = Awaited<ReturnType<BrowserContext['storageState']>>

/** `state`: the cookies of somebody who has signed in. */
type Look = {
  readonly scheme?: 'light' | 'dark'
  readonly width?: number
  readonly height?: number
  readonly state?: State
}

export async function openPage(
  browser: Browser,
  { scheme = 'light', width = 1440, height = 900, state }: Look = {},
): Promise<Watched> {
  const context: BrowserContext = await browser.newContext({
    colorScheme: scheme,
    viewport: { width, height },
    ...(state && { storageState: state }),
  })
  const page = await context.newPage()
  page.setDefaultTimeout(60_000)
  const faults: string[] = []
  const asked = new Set<string>()
  page.on('pageerror', ({ message }) => faults.push(message))
  page.on('console', (message) => {
    if (/Content Security Policy|Trusted/i.test(message.text())) faults.push(message.text())
  })
  page.on('request', (request) => asked.add(new URL(request.url()).origin))
  return { page, faults, asked }
}

const AXE = readFileSync(resolve(import.meta.dirname, '../../node_modules/axe-core/axe.min.js'), 'utf8')

const TAGS = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa']
/** The rules to look at: all, or the one that depends on the scheme. */
const LOOKS = { all: { type: 'tag', values: TAGS }, colours: { type: 'rule', values: ['color-contrast'] } }

/** The rules of WCAG 2.2 AA that a page breaks, each with the first place. */
export async function violations(page: Page, look: keyof typeof LOOKS = 'all'): Promise<readonly string[]> {
  if (!(await page.evaluate('"axe" in globalThis'))) await page.evaluate(AXE)
  return page.evaluate(async (runOnly) => {
    const { axe } = globalThis as unknown as { axe: { run(options: object): Promise<{ violations: Found[] }> } }
    type Found = {
      readonly id: string
      readonly nodes: readonly { readonly html: string; readonly failureSummary: string }[]
    }
    const { violations } = await axe.run({ runOnly, resultTypes: ['violations'] })
    return violations.map(
      ({ id, nodes }) => `${id}: ${nodes[0]!.html.slice(0, 200)} ${nodes[0]!.failureSummary.slice(0, 200)}`,
    )
  }, LOOKS[look])
}

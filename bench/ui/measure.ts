import { setTimeout } from 'node:timers/promises'
import type { Page } from 'playwright-core'
import { buildPages } from '../../build/ui.ts'
import type { Client } from '../../src/http/client/client.ts'
import { chromiumPath, openBrowser, openPage } from '../../test/ui/browser.ts'
import { openServer } from '../../test/ui/server.ts'
import type { Figure } from '../figures.ts'
import { percentile } from '../load.ts'

/** How much is in the folder, and how often each question is asked. */
export type UiSize = { readonly runs: number; readonly steps: number; readonly events: number; readonly asks: number }

const LONGEST_MS = 900_000
const LOOK_MS = 100
const AT_ONCE = 64

/** Measures what a person waits for. */
export async function measureUi(size: UiSize, onFigure: (figure: Figure) => void): Promise<readonly Figure[]> {
  if (chromiumPath === undefined) throw new Error('expected Chromium: apt-get install chromium')
  const figures: Figure[] = []
  const told = (name: string, value: number, floor: number) => {
    const figure = { name, value, unit: 'ms', floor }
    figures.push(figure)
    onFigure(figure)
  }
  await buildPages()
  const ends: (() => Promise<void>)[] = []
  const server = openServer((end) => ends.push(end))
  const browser = await openBrowser()
  try {
    const url = await server.start(['serve', '--listen', '0', '--no-auth'], /It answers at (\S+)\. /)
    const client = server.client()
    const { page } = await openPage(browser)
    told('from the end of a step to the screen, p95', await eventToPixel(client, page, url, size.events), 500)
    const { usable, longest } = await largeRun(client, page, url, size.steps)
    told(`a run of ${count(size.steps)} steps can be used`, usable, 2000)
    told('the longest task while it is scrolled', longest, 200)
    await addRuns(client, size.runs)
    // the first question has the table made; a count that is whole comes from it
    await whenTrue(async () => (await client.runs.counts({ top: true })).more === undefined)
    const among = `${count(size.runs)} runs, p95`
    const p95 = (ask: () => Promise<unknown>) => timesOf(ask, size.asks)
    told(`a page of ${among}`, await p95(() => client.runs.list({ limit: 50, details: true, top: true })), 50)
    told(`counts of ${among}`, await p95(() => client.runs.counts({ top: true })), 150)
    told(`text in ${among}`, await p95(() => client.runs.list({ text: 'run 77', limit: 50, details: true })), 150)
  } finally {
    await browser.close()
    await Promise.all(ends.map((end) => end()))
  }
  return figures
}

const count = (number: number) => number.toLocaleString('en')

/** The time between the end of each step and the moment when its row says so. */
async function eventToPixel(client: Client, page: Page, url: string, steps: number): Promise<number> {
  const lines = Array.from({ length: steps }, (_, n) => {
    const after = n === 0 ? '' : `dependencies: [s${n - 1}], `
    return `  - { id: s${n}, tool: terminal, ${after}parameters: { command: "sleep 0.1" } }`
  })
  const { id } = await client.runs.start({ source: { text: `name: events\nsteps:\n${lines.join('\n')}` } })
  await page.goto(`${url}/ui/runs/${id}`)
  await page.locator('.lines .lane').first().waitFor()
  await page.evaluate(`globalThis.seen = {}; new MutationObserver(() => {
    for (const row of document.querySelectorAll('.lines .lane:has(.status.is-completed) .name'))
      globalThis.seen[row.textContent] ??= Date.now()
  }).observe(document.body, { subtree: true, childList: true, attributes: true, characterData: true })`)
  const begun = Date.now()
  await whenTrue(async () => (await client.runs.get(id)).completed_at !== null)
  await page.locator('h1').getByText('completed').waitFor()
  const seen = (await page.evaluate('globalThis.seen')) as { readonly [step: string]: number }
  const rows = await client.runs.steps(id, { limit: 1000 })
  const waits = rows.flatMap(({ id: step, completed_at }) => {
    const ended = Date.parse(completed_at!)
    // a step that ended before the page watched says nothing
    return ended < begun || seen[step] === undefined ? [] : [seen[step] - ended]
  })
  return percentile(
    waits.toSorted((a, b) => a - b),
    0.95,
  )
}

/** The time until a large run shows its steps and opens one, and the longest task while its steps are scrolled. */
async function largeRun(client: Client, page: Page, url: string, steps: number) {
  const items = JSON.stringify(Array.from({ length: steps - 1 }, (_, n) => n))
  const text = `name: large\nsteps:\n  - { id: each, for_each: "${items}", steps: [{ id: x, tool: debug, parameters: { message: hi } }] }`
  const { id } = await client.runs.start({ source: { text } })
  await whenTrue(async () => (await client.runs.get(id)).completed_at !== null)
  const began = performance.now()
  await page.goto(`${url}/ui/runs/${id}`)
  // the items stand in one row until it is opened
  await page.locator('.lines .lane').getByRole('button', { expanded: false }).first().click()
  await page.locator('.lines .lane').nth(5).waitFor()
  await page.locator('.lines .lane').nth(3).getByRole('button').click()
  await page.locator('.drawer h2').waitFor()
  const usable = performance.now() - began
  await page.evaluate(`globalThis.longest = 0; new PerformanceObserver((list) => {
    for (const { duration } of list.getEntries()) globalThis.longest = Math.max(globalThis.longest, duration)
  }).observe({ type: 'longtask' })`)
  await page.evaluate(`new Promise((done) => {
    const box = document.querySelector('.lines')
    let frames = 0
    const step = () => {
      box.scrollTop += 4000
      if (++frames < 60) requestAnimationFrame(step)
      else done()
    }
    step()
  })`)
  return { usable, longest: (await page.evaluate('globalThis.longest')) as number }
}

/** Asks again until the answer is yes. */
async function whenTrue(look: () => Promise<boolean>): Promise<void> {
  for (const end = Date.now() + LONGEST_MS; !(await look()); await setTimeout(LOOK_MS))
    if (Date.now() > end) throw new Error(`expected within ${LONGEST_MS / 1000} s: ${look}`)
}

async function addRuns(client: Client, runs: number): Promise<void> {
  let next = 0
  const work = async () => {
    for (let n = next++; n < runs; n = next++) {
      const text = `name: run ${n}\nsteps: [{ id: a, tool: debug, parameters: { message: hi } }]`
      await client.runs.start({ source: { text } })
    }
  }
  await Promise.all(Array.from({ length: AT_ONCE }, work))
  await whenTrue(async () => (await client.runs.counts({})).running === 0)
}

async function timesOf(ask: () => Promise<unknown>, asks: number): Promise<number> {
  const times: number[] = []
  for (let asked = 0; asked < asks; asked++) {
    const began = performance.now()
    await ask()
    times.push(performance.now() - began)
  }
  return percentile(
    times.toSorted((a, b) => a - b),
    0.95,
  )
}

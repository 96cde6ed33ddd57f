import { mkdirSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll } from 'vitest'
import { buildPages } from '../../build/ui.ts'
import { openTests } from '../../src/tested/room/files.ts'
import { until } from '../../src/testing/index.ts'
import { caseOf, resultOf } from '../tested/example.ts'
import { openBrowser, openPage } from './browser.ts'
import { LETTER, NEWSLETTER, NIGHTLY, ORDERS, WIDE } from './pipelines.ts'
import { openServer, type TestServer } from './server.ts'

/** ms for a test, also on a machine that does much else. */
export const LONG = 240_000
/** The address that `antiphon ui` prints. */
export const ADDRESS = /(http:\S+\?code=\S+)/
/** ANTIPHON_PICTURES=1 writes the pictures of docs/dashboard.md. */
const PICTURES = process.env.ANTIPHON_PICTURES ? resolve(import.meta.dirname, '../../docs/pictures') : undefined

/** A folder whose program has runs, a workflow and conversations, and the cookies of its user. */
export type World = Awaited<ReturnType<typeof openWorld>>

/** Opens a world and a browser for the tests of a file. */
export function useWorld(): { world: World; browser: Browser } {
  const used = {} as { world: World; browser: Browser }
  beforeAll(async () => {
    if (PICTURES) mkdirSync(PICTURES, { recursive: true })
    const opening = openBrowser()
    used.world = await openWorld(buildPages(), opening)
    used.browser = await opening
  }, LONG)
  afterAll(async () => {
    await used.browser?.close()
    await used.world?.end()
  })
  return used
}

/** Results of a test of the desk, the nth of which another program could have made. */
export async function saveHarbour(folder: string, n: number): Promise<string> {
  const opens = n !== 2
  const more = { tokens: 900, cost: 0.01 }
  const { test } = await openTests(join(folder, '.antiphon')).save({
    ...resultOf({ file: 'harbour.test.ts', agent: 'desk', at: Date.UTC(2026, 4, 1, 9, n), passed: opens }),
    ...{ cost: n / 100 + 0.01, tokens: 1800, agentHash: `a${n}`, commit: 'c92765d79d9d' },
    cases: [
      caseOf('says when it opens', {
        ...more,
        passed: opens,
        score: opens ? 0.9 : 0.2,
        answer: `Welcome to the harbour.\n${opens ? 'We open at six.' : 'We are closed.'}`,
        failures: opens ? [] : ['output: expected a text that contains "six", got "We are closed."'],
      }),
      caseOf('pays an order back', { ...more, calls: [{ tool: 'refund', input: '{"order":"1789"}' }] }),
    ],
  })
  return test
}

const BERTH = { subject: 'price of a berth', space: 'harbour/prices' }

async function openWorld(pages: Promise<void>, opening: Promise<Browser>) {
  const ends: (() => Promise<void>)[] = []
  const server = openServer((end) => ends.push(end))
  await Promise.all([server.startProgram(), pages])
  const address = await server.start(['ui', '--no-open'], ADDRESS)
  const url = new URL(address).origin
  const client = server.client()
  writeFileSync(join(server.folder, 'good.log'), 'order 1\n')
  const good = await start(server, ORDERS, { log: 'good.log' })
  const [night, bad, , , wide] = await Promise.all(
    [NIGHTLY, ORDERS, ORDERS, LETTER, WIDE].map((text) => start(server, text)),
  )
  const { id: news } = await client.runs.start({ source: { text: NEWSLETTER } })
  const { id: voyage } = await client.runs.start({ workflow: 'voyage', input: { ship: 'Berta', guests: 30 } })
  await client.conversations.send({ conversation: 'hours', agent: 'desk', text: 'When do you open?' })
  const item = await until(async () => (await client.inbox.list()).find((one) => 'run' in one && one.run === voyage))
  if ('run' in item) await client.runs.signal(voyage, item.signal, { action: 'approve' })
  await until(async () => (await client.inbox.list()).length === 1)
  const { records } = await client.memory.add({
    records: [
      { kind: 'note', text: 'The crane is checked each Monday.', space: 'harbour' },
      { ...BERTH, text: 'A berth costs 12 euros a night.', validFrom: Date.UTC(2025, 3, 1) },
      { ...BERTH, text: 'A berth costs 15 euros a night.', validFrom: Date.UTC(2026, 3, 1) },
      { subject: 'opening hours', text: 'The harbour opens at six.' },
    ],
  })
  await saveHarbour(server.folder, 1)
  const harbour = await saveHarbour(server.folder, 2)
  const { page } = await openPage(await opening)
  await page.goto(address)
  await page.locator('h1').waitFor()
  const state = await page.context().storageState()
  await page.context().close()
  return {
    ...{ server, url, state, good, berth: records[3]!.id, night: night!, bad: bad!, wide: wide!, news, voyage },
    harbour,
    end: async () => void (await Promise.all(ends.map((end) => end()))),
  }
}

/** Starts a run, and resolves with its id when it has ended. */
export async function start(server: TestServer, text: string, inputs = {}): Promise<string> {
  const client = server.client()
  const { id } = await client.runs.start({ source: { text }, inputs })
  await until(async () => (await client.runs.get(id)).completed_at !== null)
  return id
}

/** Whether an element cuts what is in it. */
export const IS_CUT = '(one) => one.scrollWidth > one.clientWidth + 1'

/** A picture of a page in both schemes, as WebP: the browser itself makes it small. */
export async function picture(page: Page, name: string): Promise<void> {
  if (!PICTURES) return
  const painter = await page.context().browser()!.newPage()
  for (const [scheme, end] of [
    ['light', ''],
    ['dark', '-dark'],
  ] as const) {
    await page.emulateMedia({ colorScheme: scheme })
    const shot = await page.screenshot()
    const packed = await painter.evaluate<string>(`(async () => {
      const image = await createImageBitmap(await (await fetch('data:image/png;base64,${shot.toString('base64')}')).blob())
      const canvas = Object.assign(document.createElement('canvas'), { width: image.width, height: image.height })
      canvas.getContext('2d').drawImage(image, 0, 0)
      return canvas.toDataURL('image/webp', 0.75)
    })()`)
    writeFileSync(join(PICTURES, `${name}${end}.webp`), Buffer.from(packed.split(',')[1]!, 'base64'))
  }
  await page.emulateMedia({ colorScheme: 'light' })
  await painter.close()
}

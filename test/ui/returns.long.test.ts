import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createServer, type IncomingMessage } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import type { Locator, Page } from 'playwright-core'
import { describe, expect, onTestFinished, test } from 'vitest'
import { buildPages } from '../../build/ui.ts'
import type { InboxItem, StepItem } from '../../src/client.ts'
import { createClient } from '../../src/http/client/client.ts'
import { isStep } from '../../src/inbox/room/port.ts'
import type { Json } from '../../src/kernel/schema.ts'
import { until } from '../../src/testing/index.ts'
import { png } from '../lib/media/pictures.ts'
import { chromiumPath, openBrowser, openPage, violations } from './browser.ts'
import { PHOTO } from './photo.ts'
import { picture } from './world.ts'

/** A photo whose head is sound and whose pixels are not: providers refuse each request with it. */
const BROKEN = png([['tRNS', Buffer.alloc(40, 7)]])

type Block = { readonly type: string; readonly text?: string; readonly content?: unknown }
type Asked = { readonly messages: readonly { readonly content: string | readonly Block[] }[] }

/** What the model does: it asks for the refund of an order, and says how the call ended. */
function repliesTo({ messages }: Asked): Block & { readonly name?: string } {
  const { content } = messages.at(-1)!
  const blocks = typeof content === 'string' ? [{ type: 'text', text: content }] : content
  const result = blocks.find(({ type }) => type === 'tool_result')
  if (result) return { type: 'text', text: `It is decided: ${JSON.stringify(result.content).slice(0, 80)}` }
  const said = blocks.map(({ text = '' }) => text).join('\n')
  const [, order, cents] = /order (\d+) for (\d+) cents/.exec(said) ?? []
  if (order === undefined) return { type: 'text', text: 'Good to hear. Is there anything else?' }
  // half of the calls name the photo: the others have it in their message alone
  const file = Number(order) % 2 === 0 ? /file_[0-9a-f]{64}/.exec(said)?.[0] : undefined
  const input = { order, cents: Number(cents), ...(file && { photo: { file } }) }
  return { type: 'tool_use', ...{ id: `call-${order}`, name: 'refund', input } }
}

/** A provider on loopback that refuses a request with the broken photo. */
async function openProvider(): Promise<string> {
  const server = createServer(async (request, response) => {
    const text = await bodyOf(request)
    response.setHeader('content-type', 'application/json')
    if (text.includes(BROKEN.toString('base64'))) {
      const error = { type: 'invalid_request_error', message: 'Could not process image' }
      return response.writeHead(400).end(JSON.stringify({ type: 'error', error }))
    }
    const block = repliesTo(JSON.parse(text))
    const ending = { stop_reason: block.name ? 'tool_use' : 'end_turn', stop_sequence: null }
    const usage = { input_tokens: 10, output_tokens: 5 }
    const message = { id: 'm', type: 'message', role: 'assistant', model: 'm', content: [block], ...ending, usage }
    return response.end(JSON.stringify(message))
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  onTestFinished(() => {
    server.closeAllConnections()
    server.close()
  })
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`
}

async function bodyOf(request: IncomingMessage): Promise<string> {
  let text = ''
  for await (const piece of request) text += piece
  return text
}

/** The shop in a folder of its own: its processes come and go, its address stays. */
async function openShop() {
  const folder = mkdtempSync(join(tmpdir(), 'antiphon-returns-'))
  mkdirSync(join(folder, 'home'))
  const sees = 'context: 200k, tools: true, modalities: [text, image], cost: { input: 1, output: 10 }'
  writeFileSync(
    join(folder, 'antiphon.yaml'),
    `embedder: none
model: pa/m
providers: { pa: { type: anthropic, baseURL: "${await openProvider()}/v1", keyEnv: RETURNS_KEY } }
models: [{ id: pa/m, ${sees} }]
`,
  )
  let child: ChildProcess | undefined
  let url = ''
  const end = async (signal: NodeJS.Signals) => {
    if (child === undefined || child.exitCode !== null || child.signalCode !== null) return
    child.kill(signal)
    await once(child, 'exit')
  }
  onTestFinished(async () => {
    await end('SIGKILL')
    rmSync(folder, { recursive: true, force: true, maxRetries: 5 })
  })
  return {
    /** Begins a deploy; the one before it ends by the signal. Resolves with the address. */
    async deploy(version: number, signal: NodeJS.Signals = 'SIGTERM'): Promise<string> {
      await end(signal)
      const environment = { HOME: join(folder, 'home'), RETURNS_KEY: 'k', VERSION: String(version) }
      child = spawn(process.execPath, [resolve(import.meta.dirname, 'returns.ts')], {
        cwd: folder,
        env: { ...process.env, ...environment, PORT: new URL(url || 'http://a:0').port },
        stdio: ['ignore', 'pipe', 'inherit'],
      })
      let printed = ''
      for await (const piece of child.stdout!) {
        printed += piece
        const said = /It answers at (\S+)\./.exec(printed)
        if (said) return (url = said[1]!)
      }
      throw new Error(`The shop did not start: ${printed}`)
    },
    /** The orders that were paid back, in order. */
    refunds: () => readFileSync(join(folder, 'refunds'), 'utf8').trim().split('\n').toSorted(),
  }
}

const CUSTOMERS = 100
/** Each third customer sends a photo, and each ninth a broken one. */
const photoOf = (n: number) => (n % 9 === 0 ? BROKEN : n % 3 === 0 ? PHOTO : undefined)
const titleOf = (n: number) => `Refund ${n}.99 € for order "${1000 + n}"?`
/** Each tenth refund is refused. */
const isRefused = (title: string) => title.endsWith(`5"?`)
const range = (from: number, to: number) => Array.from({ length: to - from }, (_, at) => from + at)
const textOf = (n: number) => `The lamp of my order ${1000 + n} for ${n * 100 + 99} cents arrived broken.`

function clientOf(url: string, mount: string, headers: { readonly [name: string]: string } = {}) {
  return createClient(
    (request) => {
      for (const [name, value] of Object.entries(headers)) request.headers.set(name, value)
      return fetch(request)
    },
    { base: `${url}/${mount}` },
  )
}

/** Opens an item beside its conversation, which has the photo, too, and looks at it as a phone shows it. */
async function lookBeside(page: Page, card: Locator) {
  await card.getByRole('heading').getByRole('link').click()
  await page.getByRole('complementary', { name: 'Its conversation' }).locator('img').waitFor()
  expect(await violations(page)).toEqual([])
  await picture(page, 'inbox')
  await page.setViewportSize({ width: 390, height: 800 })
  await card.scrollIntoViewIfNeeded()
  expect(await violations(page)).toEqual([])
  await picture(page, 'inbox-phone')
  await page.setViewportSize({ width: 1440, height: 900 })
}

describe.skipIf(chromiumPath === undefined)('a shop of 100 conversations (apt-get install chromium)', () => {
  test('two staff decide every refund over two deploys, with its words and its photo in view', {
    timeout: 600_000,
  }, async () => {
    await buildPages()
    const { deploy, refunds } = await openShop()
    const url = await deploy(1)
    const customer = (n: number) => clientOf(url, 'shop', { 'x-customer': `customer-${n}` })
    const write = async (n: number) => {
      const { files, conversations } = customer(n)
      const photo = photoOf(n)
      const sent = photo && (await files.add(photo, { name: `lamp-${n}.png` }))
      return conversations.post({
        conversation: 'lamp',
        agent: 'returns',
        text: textOf(n),
        ...(sent && { files: [sent.file] }),
      })
    }
    // the second half writes to the next deploy
    for (let n = 0; n < CUSTOMERS / 2; n += 10) await Promise.all(range(n, n + 10).map(write))
    await deploy(2)
    for (let n = CUSTOMERS / 2; n < CUSTOMERS; n += 10) await Promise.all(range(n, n + 10).map(write))
    const [eva, tom] = [clientOf(url, 'eva'), clientOf(url, 'tom')]
    await until(async () => (await eva.inbox.list({ limit: 200 })).length === CUSTOMERS, 120_000)

    // Eva decides in a browser: the item, its photo and the customer's words are in view, and one click decides
    const browser = await openBrowser()
    onTestFinished(() => browser.close())
    const { page, faults } = await openPage(browser)
    await page.goto(`${url}/eva/ui/inbox`)
    for (const n of [0, 6, 9, 3]) {
      const card = page.locator('article.item', { hasText: titleOf(n) })
      await card.waitFor()
      await card.scrollIntoViewIfNeeded()
      await card.getByText(textOf(n)).waitFor()
      // a call that does not name the photo has it beside what the customer wrote
      await card.getByRole('link', { name: `lamp-${n}.png` }).waitFor()
      const image = card.locator('img')
      await image.scrollIntoViewIfNeeded()
      if (photoOf(n) === PHOTO)
        await until(() => image.evaluate((one) => 'naturalWidth' in one && one.naturalWidth !== 0))
      else await expect.poll(() => image.getAttribute('alt')).toBe('This picture cannot be shown.')
      if (n === 3) await lookBeside(page, card)
      await card.getByRole('button', { name: 'Approve', exact: true }).click()
      await card.waitFor({ state: 'detached' })
    }
    expect(faults).toEqual([])

    // Tom refuses each tenth and approves the rest, over a deploy that ends the process at once. The calls that were
    // cut off ask whether they took place: he looks into the books.
    const answerTo = ({ kind, title, content }: StepItem): Json => {
      if (kind !== 'unknown') return { action: isRefused(title) ? 'reject' : 'approve' }
      const { order } = content as { readonly order: string }
      const isPaid = refunds().some((line) => line.startsWith(order))
      return isPaid ? { outcome: 'done', result: `paid back order ${order}` } : 'not-done'
    }
    /** Checks that what Tom decides about is in view: the words of the customer, and the photo. */
    const look = ({ title, content, lastMessage, files = [], lastFiles = [] }: StepItem) => {
      const n = Number((content as { readonly order: string }).order) - 1000
      const names = [...files, ...lastFiles].map(({ name }) => name)
      expect([title, lastMessage, names]).toEqual([title, textOf(n), photoOf(n) ? [`lamp-${n}.png`] : []])
    }
    const decide = async (items: readonly InboxItem[]) => {
      for (const item of items.filter(isStep)) {
        look(item)
        await tom.runs.signal(item.run, item.signal!, answerTo(item))
      }
    }
    await decide(await tom.inbox.list({ limit: 40 }))
    await deploy(3, 'SIGKILL')
    // a call that was cut off is settled in the page, too: Eva looks into the books, and clicks once
    const cut = await until(async () => {
      const items = (await eva.inbox.list({ limit: 200 })).filter(isStep)
      return items.find(({ kind, content }) => kind === 'unknown' && JSON.stringify(content).includes('"1011"'))
    })
    expect(refunds().some((line) => line.startsWith('1011'))).toBe(false)
    await page.goto(`${url}/eva/ui/inbox?run=${encodeURIComponent(cut.run)}&step=${cut.step}`)
    const card = page.locator('article.item.chosen')
    await card.getByText(cut.idempotencyKey!).waitFor()
    await card.getByRole('heading', { name: 'It was interrupted. (order 1011, cents 1199)' }).waitFor()
    await card.getByRole('button', { name: 'It did not: make it now' }).click()
    await until(() => refunds().includes('1011 1199'))
    await page.getByRole('tab', { name: 'My decisions' }).click()
    await page.locator('.rows li', { hasText: 'settled refund' }).first().waitFor()
    expect(await page.locator('.rows li', { hasText: 'approved refund' }).count()).toBe(4)
    await until(async () => {
      await decide(await tom.inbox.list({ limit: 200 }))
      return (await tom.inbox.list()).length === 0
    }, 120_000)
    const paid = range(0, CUSTOMERS).filter((n) => !isRefused(titleOf(n)))
    await until(async () => refunds().length >= paid.length, 120_000)
    expect(refunds()).toEqual(paid.map((n) => `${1000 + n} ${n * 100 + 99}`).toSorted())
    // each customer got an answer, and the conversation goes on, whatever its photo is
    for (const n of range(0, CUSTOMERS))
      await until(async () => (await customer(n).threads.messages('lamp')).length === 2)
    for (const n of [9, 10, 12]) {
      const reply = await customer(n).conversations.send({ conversation: 'lamp', agent: 'returns', text: 'Thank you.' })
      expect(reply).toMatchObject({ status: 'completed', answer: 'Good to hear. Is there anything else?' })
    }
  })
})

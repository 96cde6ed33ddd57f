import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { cp } from 'node:fs/promises'
import { join } from 'node:path'
import { HttpAgent, type Message } from '@ag-ui/client'
import { chromium, type Page } from 'playwright-core'
import { describe, expect, it, onTestFinished } from 'vitest'
import { buildPages } from '../../build/ui.ts'
import { until } from '../../src/testing/until.ts'
import { findBrowserHost } from '../../src/tool/chromium/host.ts'
import { openProgramFolder, ROOT } from '../docs/program.ts'
import { shown, TransportedChat } from '../http/frontend/served.ts'
import { freePort } from '../package/free-port.ts'
import { chromiumGap, withGap } from '../tool/chromium/available.ts'
import { openView, viewsOf } from '../ui/views.ts'

// Chromium takes seconds to start

const ANSWER =
  'The harbour opens at six in the morning and closes at nine in the evening. Write “Book berth 3” to book a berth.'

/** The server of the example, which can be killed and started again. */
async function openExample() {
  const folder = await openProgramFolder()
  await cp(join(ROOT, 'examples/chat'), folder, { recursive: true })
  const port = await freePort()
  const start = async () => {
    const args = ['--import', join(folder, 'hooks.mjs'), join(folder, 'server.mjs')]
    const child = spawn(process.execPath, args, { cwd: folder, env: { ...process.env, PORT: String(port) } })
    const over = once(child, 'exit')
    const kill = async () => {
      child.kill('SIGKILL')
      await over
    }
    onTestFinished(kill)
    child.stderr.pipe(process.stderr)
    await Promise.race([once(child.stdout, 'data'), over.then(() => Promise.reject(new Error('it has ended')))])
    return kill
  }
  return { base: `http://127.0.0.1:${port}`, start }
}

describe.skipIf(chromiumGap !== undefined)(withGap('the page of the example in Chromium'), () => {
  it('loses and doubles nothing when it is reloaded, and when the server is killed', async () => {
    await buildPages()
    const { base, start } = await openExample()
    let kill = await start()
    const { program } = await findBrowserHost()
    // the browser opens this page alone
    const browser = await chromium.launch({ executablePath: program, args: ['--no-sandbox'] })
    onTestFinished(() => browser.close())
    const page = await browser.newPage()
    await page.goto(base)
    const texts = () => page.locator('li').allTextContents()
    const send = async (text: string) => {
      await page.fill('input', text)
      await page.keyboard.press('Enter')
    }
    const begun = () => texts().then((all) => all.at(-1) !== ANSWER && all.at(-1)?.startsWith('The harbour') === true)

    await send('Hello')
    await until(begun)
    await page.reload()
    await until(async () => (await texts()).at(-1) === ANSWER)
    expect(await texts()).toEqual(['Hello', ANSWER])

    await send('And now?')
    await until(begun)
    await kill()
    kill = await start()
    await until(async () => (await texts()).at(-1) === ANSWER && (await texts()).length === 4)
    expect(await texts()).toEqual(['Hello', ANSWER, 'And now?', ANSWER])

    await send('Book berth 3')
    await page.locator('button', { hasText: 'approve' }).waitFor()
    await kill()
    await start()
    await page.locator('button', { hasText: 'approve' }).click()
    await until(async () => (await texts()).at(-1) === 'Done: the berth is yours.')
    const all = [
      ...['Hello', ANSWER, 'And now?', ANSWER],
      ...['Book berth 3', 'It calls book.', 'book: succeeded', 'Done: the berth is yours.'],
    ]
    expect(await texts()).toEqual(all)
    await page.reload()
    await until(async () => (await texts()).length === all.length)
    expect(await texts()).toEqual(all)

    // the dashboard behind the same login shows what is this visitor's
    await page.goto(`${base}/ai/ui/threads`)
    await page.locator('.rows a').first().click()
    await page.getByText('Done: the berth is yours.').first().waitFor()
    const [goal, thread] = await Promise.all([newest(page, 'goals'), newest(page, 'threads')])
    const [visitor, run] = [goal.slice(0, goal.indexOf(':')), `${goal}.1`]
    const views = viewsOf({ run, thread, goal })
    for (const view of views) {
      await openView(page, view)
      expect([view, await page.locator('.failed-box').allTextContents()]).toEqual([view, []])
      if (OF_ONE.test(view)) expect([view, await page.locator('main > .empty').allTextContents()]).toEqual([view, []])
    }
    await openView(page, '')
    expect(await page.getByText('Nothing has run here yet.').count()).toBe(0)
    // another visitor sees nothing of it, in no view
    const other = await browser.newPage()
    await other.goto(base)
    await other.goto(`${base}/ai/ui/threads`)
    await other.getByText('There are no conversations yet.').waitFor()
    for (const view of views) {
      await openView(other, view)
      const id = decodeURIComponent(view.split(/[/?]/)[1] ?? '')
      const said = (await other.locator('body').innerText()).replace(id, '')
      expect([view, await other.locator('.failed-box').allTextContents()]).toEqual([view, []])
      expect([view, said.includes(visitor), /berth|book/.test(said)]).toEqual([view, false, false])
      if (OF_ONE.test(view)) expect([view, said]).toEqual([view, expect.stringContaining('There is no ')])
    }
  })
})

/** Views of one thing. */
const OF_ONE = /^(runs|threads|goals)\//

/** The id of the newest item of a list of `/v1`, as the visitor of a page sees it. */
const newest = (page: Page, list: string): Promise<string> =>
  page.evaluate(`fetch('/ai/v1/${list}').then((answer) => answer.json()).then(({ items }) => items[0].id)`)

/** A stream that breaks just ends: the client of AG-UI leaves the error of a broken one unhandled. */
async function fetchToEnd(url: string, init: RequestInit): Promise<Response> {
  const response = await fetch(url, init)
  async function* body() {
    try {
      yield* response.body!
    } catch {
      // it has ended
    }
  }
  return new Response(ReadableStream.from(body()), response)
}

it('useChat and AG-UI go on after the server was killed in the middle of their replies', async () => {
  const { base, start } = await openExample()
  const kill = await start()
  const headers = { cookie: 'visitor=ann' }
  const agents = `${base}/ai/v1/agents/desk`
  const chat = new TransportedChat('talk', { api: `${agents}/chat`, headers })
  const initialMessages: Message[] = [{ id: 'u1', role: 'user', content: 'Hello' }]
  const agent = new HttpAgent({
    url: `${agents}/ag-ui`,
    headers,
    threadId: 'other',
    initialMessages,
    fetch: fetchToEnd,
  })
  const sent = chat.sendMessage({ text: 'Hello' })
  const run = agent.runAgent({ runId: 'r1' }).catch(() => {})
  const begun = (text: unknown) => typeof text === 'string' && text.startsWith('The harbour')
  await until(() => shown(chat.messages).flat().some(begun) && agent.messages.some(({ content }) => begun(content)))
  await kill()
  await Promise.all([sent, run])
  expect(chat.status).toBe('error')
  await start()
  await Promise.all([chat.resumeStream(), agent.runAgent({ runId: 'r1' })])
  expect(chat.status).toBe('ready')
  expect(shown(chat.messages)).toEqual([
    ['user', 'Hello'],
    ['assistant', ANSWER],
  ])
  expect(agent.messages.map(({ role, content }) => [role, content])).toEqual([
    ['user', 'Hello'],
    ['assistant', ANSWER],
  ])
})

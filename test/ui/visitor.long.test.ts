import type { Browser } from 'playwright-core'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { buildPages } from '../../build/ui.ts'
import { chromiumPath, openBrowser, openPage, violations } from './browser.ts'
import { openServer } from './server.ts'
import { openView } from './views.ts'

let browser: Browser
let url: string
const ends: (() => Promise<void>)[] = []
beforeAll(async () => {
  if (chromiumPath === undefined) return
  await buildPages()
  ;[browser, url] = await Promise.all([openBrowser(), openServer((end) => ends.push(end)).startShop()])
})
afterAll(async () => {
  await browser?.close()
  for (const end of ends) await end()
})

/** A page of the shop, with the requests that were refused. */
async function visit(path: string, { width = 1440 } = {}) {
  const { page, faults } = await openPage(browser, { width })
  const refused: string[] = []
  page.on('response', (response) => {
    const { pathname } = new URL(response.url())
    // a conversation that has not begun is unknown
    const isRefused =
      response.status() === 404 ? !pathname.includes('/threads/') : [401, 403].includes(response.status())
    if (isRefused) refused.push(pathname)
  })
  await page.goto(`${url}${path}`)
  return { page, faults, refused }
}

test.skipIf(chromiumPath === undefined)(
  'a visitor that may only talk opens, reads, writes and stops its conversations',
  async () => {
    const { page, faults, refused } = await visit('/talk/ui/?as=anna')
    await page.getByRole('heading', { name: 'Talk with support' }).waitFor()
    await page.getByLabel('Message').fill('When do you open?')
    await page.reload()
    await expect.poll(() => page.getByLabel('Message').inputValue()).toBe('When do you open?')
    await page.getByRole('button', { name: 'Send' }).click()
    await page.getByText('We open at nine.').waitFor()
    await page.getByRole('heading', { name: 'When do you open?' }).waitFor()

    // a call that waits for staff: the visitor sees that it waits, and may stop it
    await page.getByLabel('Message').fill('The lamp is broken')
    await page.getByRole('button', { name: 'Send' }).click()
    await page.getByText('It waits for a person.').waitFor()
    await page.locator('h1 .status.is-waiting').waitFor()
    // the lists of the visitor, of its operator and of staff say the same
    for (const mount of ['talk', 'read', 'staff'])
      await (await visit(`/${mount}/ui/${mount === 'talk' ? '' : 'threads'}?as=anna`)).page
        .locator('.row .status.is-waiting')
        .waitFor()
    expect(await page.getByRole('button', { name: 'Approve' }).count()).toBe(0)
    expect(await page.getByRole('button', { name: 'Sign out' }).count()).toBe(0)
    // an act that reached nobody says so, also when the server is back
    await page.context().setOffline(true)
    await page.getByRole('button', { name: 'Stop' }).click()
    await page.locator('.failed-box').waitFor()
    await page.context().setOffline(false)
    await page.locator('.failed-box').getByText('It answers again now.').waitFor()
    await page.getByRole('button', { name: 'Stop' }).click()
    await page.locator('h1 .status.is-cancelled').waitFor()

    // its conversation is on Home, also after a reload; the ones of others are not
    await page.getByRole('link', { name: 'Conversations' }).click()
    await page.getByRole('link', { name: 'When do you open?' }).waitFor()
    await page.reload()
    await page.getByRole('link', { name: 'When do you open?' }).click()
    await page.getByText('We open at nine.').waitFor()
    const address = page.url().replace(url, '')
    expect(await violations(page)).toEqual([])
    expect([await page.locator('code').count(), await page.locator('.failed-box').count()]).toEqual([0, 0])
    const other = await visit(`${address}?as=bob`)
    await other.page.getByLabel('Message').waitFor()
    expect(await other.page.getByText('We open at nine.').count()).toBe(0)
    expect([faults, refused]).toEqual([[], []])
  },
)

test.skipIf(chromiumPath === undefined)(
  'a call that waits is answered in the conversation by a visitor with the scope approve',
  async () => {
    const { page, refused } = await visit('/answers/ui/?as=cora', { width: 390 })
    await page.getByLabel('Message').fill('The lamp is broken')
    await page.getByRole('button', { name: 'Send' }).click()
    // what would be done is shown, also on a page with all that waits
    const order = page.getByLabel('What it is about').getByText('1789')
    await order.waitFor()
    await page.getByRole('link', { name: 'Inbox' }).click()
    await page.getByRole('heading', { name: 'Inbox' }).waitFor()
    await order.waitFor()
    await page.goBack()
    await page.getByRole('button', { name: 'Approve' }).click()
    await expect.poll(() => page.evaluate('document.activeElement.tagName')).toBe('H1')
    await page.getByText('It is approved: the money is on its way.').waitFor()
    await page.locator('h1 .status.is-completed').waitFor()
    expect(refused).toEqual([])
  },
)

test.skipIf(chromiumPath === undefined)(
  'staff opens an item from Home beside its conversation, and decides it in two actions',
  async () => {
    for (const [name, text] of [
      ['emil', 'The lamp is broken'],
      ['fay', 'My lamp is broken, too'],
    ]) {
      const { page } = await visit(`/talk/ui/?as=${name}`)
      await page.getByLabel('Message').fill(text!)
      await page.getByRole('button', { name: 'Send' }).click()
      await page.getByText('It waits for a person.').waitFor()
    }
    const { page, faults, refused } = await visit('/staff/ui/')
    await page.locator('.need', { hasText: 'emil' }).getByRole('link').first().click()
    const beside = page.getByRole('complementary', { name: 'Its conversation' })
    await beside.locator('.prompt').getByText('The lamp is broken', { exact: true }).waitFor()
    expect(await beside.getByText('My lamp').count()).toBe(0)
    const card = page.locator('.items > li', { has: beside }).getByRole('article')
    await card.getByText('it waits without a limit').waitFor()
    await card.locator('blockquote').getByText('The lamp is broken', { exact: true }).waitFor()
    const edges = async () => {
      const [one, other] = [(await card.boundingBox())!, (await beside.boundingBox())!]
      return { isRight: other.x >= one.x + one.width, isBelow: other.y >= one.y + one.height }
    }
    expect(await edges()).toEqual({ isRight: true, isBelow: false })
    expect(await violations(page)).toEqual([])

    // the address may be sent, and a phone shows the conversation below
    const address = page.url().replace(url, '')
    const phone = await visit(address, { width: 390 })
    await phone.page.locator('.beside .prompt').getByText('The lamp is broken', { exact: true }).waitFor()
    await page.setViewportSize({ width: 390, height: 800 })
    expect(await edges()).toEqual({ isRight: false, isBelow: true })
    expect(await page.evaluate('document.documentElement.scrollWidth')).toBe(390)

    // the conversation is one click away, by the name that staff has for it
    await beside.getByRole('link').first().click()
    await page.getByRole('heading', { name: 'The lamp is broken' }).waitFor()
    await page.goBack()

    // after an answer, the next item opens; Escape closes it
    await card.getByRole('button', { name: 'Approve' }).click()
    await beside.locator('.prompt').getByText('My lamp is broken, too', { exact: true }).waitFor()
    await expect.poll(() => page.locator('main article').count()).toBe(1)
    await expect.poll(() => page.evaluate('document.activeElement.tagName')).toBe('ARTICLE')
    await phone.page.getByText('waits no more').waitFor()
    await page.keyboard.press('Escape')
    await beside.waitFor({ state: 'detached' })
    expect(new URL(page.url()).search).toBe('')
    await page
      .getByRole('heading', { name: /refund/ })
      .getByRole('link')
      .focus()
    await page.keyboard.press('Enter')
    await beside.waitFor()
    await page.getByRole('button', { name: 'Approve' }).click()
    await page.getByText('Nothing waits for you.').waitFor()
    expect([faults, refused]).toEqual([[], []])
  },
)

test.skipIf(chromiumPath === undefined)(
  'mounted pages have the menu entries and tabs that their caller may use, and no commands',
  async () => {
    const { page, refused } = await visit('/all/ui/start?as=dora')
    await page.getByRole('tab').first().waitFor()
    expect(await page.getByRole('tab').allInnerTexts()).toEqual(['Agent', 'Text'])
    expect(await page.locator('nav a').allInnerTexts()).toEqual(['antiphon', 'Home', 'Runs', 'Talk', 'Agents', 'Inbox'])
    expect(await page.locator('.command, .copy').count()).toBe(0)
    await page.keyboard.press('Control+k')
    const places = await page.locator('.palette li').allInnerTexts()
    expect(places.filter((name) => /Start|Talk|Keys|Pools|Memory/.test(name))).toEqual([
      ...['Start a text', 'Talk with an agent'],
    ])
    await page.keyboard.press('Escape')
    for (const view of ['', 'runs', 'inbox', 'agents', 'money', 'start']) await openView(page, view)
    const reader = await visit('/read/ui/agents?as=dora')
    await reader.page.getByRole('heading', { name: 'support' }).waitFor()
    expect(await reader.page.getByText('antiphon agent').count()).toBe(0)
    // results of tests are for the operators of the folder
    expect(await reader.page.getByRole('tab').count()).toBe(0)

    // a call that waits for a person is not under way
    await page.getByRole('button', { name: 'Begin a conversation' }).click()
    await page.getByLabel('Message').fill('The lamp is broken')
    await page.getByRole('button', { name: 'Send' }).click()
    await page.getByRole('button', { name: 'Approve' }).waitFor()
    await page.locator('.call summary').getByText('waits').waitFor()
    expect(await page.getByText('under way').count()).toBe(0)
    expect([refused, reader.refused]).toEqual([[], []])
  },
)

import { mkdirSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { buildPages } from '../../build/ui.ts'
import { until } from '../../src/testing/index.ts'
import { chromiumPath, openBrowser, openPage, violations } from './browser.ts'
import { HOSTILE, NEWSLETTER, NIGHTLY, ORDERS, SLOW } from './pipelines.ts'
import { openServer, type TestServer } from './server.ts'

const LONG = 60_000
/** The address that `antiphon ui` prints. */
const ADDRESS = /(http:\S+\?code=\S+)/
/** ANTIPHON_PICTURES=1 writes the pictures of docs/dashboard.md. */
const PICTURES = process.env.ANTIPHON_PICTURES ? resolve(import.meta.dirname, '../../docs/pictures') : undefined

let browser: Browser

describe.skipIf(chromiumPath === undefined)('the dashboard in Chromium (apt-get install chromium)', () => {
  beforeAll(async () => {
    await buildPages()
    browser = await openBrowser()
    if (PICTURES) mkdirSync(PICTURES, { recursive: true })
  }, LONG)
  afterAll(() => browser?.close())

  test('in an empty folder, a run is started by a button, watched, and answered where it stands', {
    timeout: LONG,
  }, async () => {
    const server = openServer()
    const url = await serve(server)
    const { page, faults, asked } = await openPage(browser)
    await page.goto(`${url}/ui/`)
    await page.getByText('Nothing has run here yet.').waitFor()
    await picture(page, 'empty')
    await page.locator('.card', { hasText: 'A question to you' }).getByRole('button').click()
    await page.getByText('Waits for a person', { exact: true }).waitFor()
    await page.getByLabel('Reason').fill('it is noon')
    await page.getByRole('button', { name: 'Approve', exact: true }).click()
    await page.locator('h1').getByText('completed').waitFor()
    await page
      .getByRole('button', { name: /approve/ })
      .first()
      .click()
    await page.getByText('Answered by').waitFor()
    expect([faults, [...asked]]).toEqual([[], [url]])
  })

  test('the questions about a run are answered from Home in three actions or fewer', { timeout: LONG }, async () => {
    const server = openServer()
    const address = await server.start(['ui', '--no-open'], ADDRESS)
    const url = new URL(address).origin
    const client = server.client()
    writeFileSync(join(server.folder, 'good.log'), 'order 1\n')
    const good = await start(server, ORDERS, { log: 'good.log' })
    for (const text of [NIGHTLY, ORDERS, ORDERS]) await start(server, text)
    await client.runs.start({ source: { text: NEWSLETTER } })
    await until(async () => (await client.inbox.list()).length === 1)
    const { page, faults } = await openPage(browser)
    const home = () => page.goto(`${url}/ui/`)

    await page.goto(address)
    // needs me; stands still, and why
    await page.locator('section', { hasText: 'Needs you' }).getByText('Send this letter to 1,200 readers?').waitFor()
    await page.locator('section', { hasText: 'Stands still' }).getByText('step approve waits for an answer').waitFor()
    // the step that failed first, and its reason
    await page
      .locator('section', { hasText: 'Failed in the last day' })
      .getByText('File not found: missing.log')
      .first()
      .waitFor()
    await picture(page, 'home')
    await page.emulateMedia({ colorScheme: 'dark' })
    await picture(page, 'home-dark')
    await page.emulateMedia({ colorScheme: 'light' })
    // its parameters, in two actions
    await page
      .getByRole('link', { name: /import-orders/ })
      .first()
      .click()
    await page.getByRole('link', { name: 'load', exact: true }).click()
    await page.locator('.drawer').getByText('"path": "missing.log"').waitFor()
    await picture(page, 'step')
    // all that failed this way
    await page.getByRole('link', { name: 'All runs that failed this way' }).click()
    await until(async () => (await page.locator('.run-rows .row:not(.head)').count()) === 2)
    // what differs from the last good run
    await page.goBack()
    await page.getByRole('link', { name: 'What differs from the last good run' }).click()
    await page.locator('.compare').getByText(good).waitFor()
    expect(await page.locator('.compare tr', { hasText: 'load' }).textContent()).toContain('status, error, result')
    // that step again with another input; the command says the same
    await page.getByRole('button', { name: 'Run again …' }).click()
    const sheet = page.getByRole('dialog', { name: 'Run again' })
    await sheet.getByLabel('From step').fill('load')
    await sheet.getByLabel('Inputs to change').fill('{"log": "good.log"}')
    await sheet.getByText('--set log=good.log').waitFor()
    await sheet.getByRole('button', { name: 'Run again' }).click()
    await page.locator('h1').getByText('completed').waitFor()
    // where the time went
    await page.goto(`${url}/ui/runs?text=nightly`)
    await page.getByRole('link', { name: /nightly-report/ }).click()
    await page.getByRole('img', { name: /^chart: completed, .*worked \d/ }).waitFor()
    await picture(page, 'run')
    // pools, and the money of today
    await home()
    await page.locator('section', { hasText: 'Pools' }).getByText('has places').first().waitFor()
    await page
      .locator('section', { hasText: 'Money today' })
      .getByText('No budget has booked anything today.')
      .waitFor()
    expect(faults).toEqual([])
  })

  test('a server that is killed leaves the page standing, and the page catches up by itself', {
    timeout: LONG,
  }, async () => {
    const server = openServer()
    const url = await serve(server)
    const { id } = await server.client().runs.start({ source: { text: SLOW } })
    const { page, faults } = await openPage(browser)
    await page.goto(`${url}/ui/runs/${id}`)
    await page.getByRole('button', { name: /^completed s2/ }).waitFor()
    await server.kill()
    await page.getByText('The server does not answer.').waitFor()
    await page.getByRole('button', { name: /s9/ }).waitFor()
    await serve(server, new URL(url).port)
    await page.getByText('The server does not answer.').waitFor({ state: 'detached' })
    await page.locator('h1').getByText('completed').waitFor({ timeout: 30_000 })
    const { steps } = await server.client().runs.get(id)
    await until(async () => (await page.locator('.lines .lane').count()) === 10)
    expect(Object.values(steps).map(({ status }) => status)).toEqual(Array(10).fill('completed'))
    expect(await page.locator('.lines .is-completed .unseen').count()).toBe(10)
    await page.getByRole('tab', { name: 'events' }).click()
    const numbers = await page.locator('.events .num').allTextContents()
    expect(new Set(numbers).size).toBe(numbers.length)
    expect(faults).toEqual([])
  })

  test('hostile text runs nowhere, and no page asks another origin', { timeout: LONG }, async () => {
    const server = openServer()
    const url = await serve(server)
    const { id } = await server.client().runs.start({ source: { text: HOSTILE } })
    await until(async () => (await server.client().inbox.list()).length === 1)
    const { page, faults, asked } = await openPage(browser)
    for (const path of [
      '',
      'runs',
      'inbox',
      `runs/${id}`,
      `runs/${id}?step=say`,
      `runs/${id}?view=events`,
      'runs?text=<img src=x onerror=hacked=1>',
      '<script>hacked=1</script>',
    ]) {
      await page.goto(`${url}/ui/${path}`)
      await page.locator('main h1, main .empty').first().waitFor()
      await page.waitForLoadState('load')
      expect([path, await page.evaluate(() => 'hacked' in globalThis)]).toEqual([path, false])
      expect([
        path,
        await page.locator('main img, main script, main iframe, main a[href^="javascript"]').count(),
      ]).toEqual([path, 0])
    }
    expect([faults, [...asked]]).toEqual([[], [url]])
  })

  test('no page breaks a rule of WCAG 2.2 AA, light and dark, wide and on a phone', { timeout: LONG }, async () => {
    const server = openServer()
    const url = await serve(server)
    const failed = await start(server, ORDERS)
    const { id } = await server.client().runs.start({ source: { text: NEWSLETTER } })
    await until(async () => (await server.client().inbox.list()).length === 1)
    // colours do not depend on the width, nor places on the colours
    for (const [scheme, width] of [
      ['light', 1440],
      ['dark', 390],
    ] as const) {
      const { page } = await openPage(browser, { scheme, width, height: width === 390 ? 844 : 900 })
      for (const path of [
        '',
        'runs',
        'inbox',
        `runs/${id}`,
        `runs/${failed}?step=load`,
        `runs/${failed}?view=compare`,
      ]) {
        await page.goto(`${url}/ui/${path}`)
        await page.locator('main h1').waitFor()
        await until(async () => (await page.locator('.loading').count()) === 0)
        expect([path, scheme, width, await violations(page)]).toEqual([path, scheme, width, []])
        const isTooWide = await page.evaluate('document.documentElement.scrollWidth > innerWidth')
        expect([path, width, isTooWide]).toEqual([path, width, false])
        if (path === 'inbox' && width === 390) await picture(page, 'inbox-phone')
      }
      await page.context().close()
    }
  })

  test('a key signs in, is nowhere in the page, and its end asks for another one', { timeout: LONG }, async () => {
    const server = openServer()
    const url = await server.start(['serve', '--listen', '0'], /It answers at (\S+)\. /)
    const client = server.client()
    const makeKey = () => client.access.keys.create({ name: 'page', owner: 'local', scopes: ['admin'] })
    const { id: first, token } = await makeKey()
    const { page, faults } = await openPage(browser)
    await page.goto(`${url}/ui/runs?status=failed`)
    await page.getByLabel('API key').fill('wrong')
    await page.getByRole('button', { name: 'Sign in' }).click()
    await page.getByText('This API key is unknown.').waitFor()
    await page.getByLabel('API key').fill(token)
    await page.getByRole('button', { name: 'Sign in' }).click()
    await page.getByText('No run fits these filters.').waitFor()
    const places = (await page.evaluate(
      '[document.documentElement.outerHTML, JSON.stringify({ ...localStorage, ...sessionStorage }), document.cookie, location.href]',
    )) as readonly string[]
    expect(places.join('\n')).not.toContain(token)
    await client.access.keys.revoke(first)
    await page.getByRole('button', { name: 'waiting' }).click()
    await page.getByLabel('API key').fill((await makeKey()).token)
    await page.getByRole('button', { name: 'Sign in' }).click()
    await page.getByText('No run fits these filters.').waitFor()
    expect(new URL(page.url()).search).toContain('status=waiting')
    expect(faults).toEqual([])
  })

  test('`antiphon ui` signs one browser in by its address, and keys alone do a whole journey', {
    timeout: LONG,
  }, async () => {
    const server = openServer()
    const address = await server.start(['ui', '--no-open'], ADDRESS)
    const { page, faults } = await openPage(browser)
    await page.goto(address)
    await page.getByText('Nothing has run here yet.').waitFor()
    expect(page.url()).not.toContain('code')
    await start(server, ORDERS)
    await start(server, NIGHTLY)
    await page.keyboard.press('Control+k')
    await page.keyboard.type('Runs')
    await page.keyboard.press('Enter')
    await page.getByRole('link', { name: /nightly-report/ }).waitFor()
    await page.keyboard.press('j')
    await page.keyboard.press('j')
    await page.keyboard.press('Enter')
    await page.locator('h1', { hasText: 'import-orders' }).waitFor()
    await page.locator('.lines .lane').first().waitFor()
    await page.keyboard.press('j')
    await page.keyboard.press('j')
    await page.locator('.drawer').getByText('missing.log').first().waitFor()
    await page.keyboard.press('Escape')
    await page.locator('.drawer').waitFor({ state: 'detached' })
    await page.keyboard.press('?')
    await page.getByText('filter the list').waitFor()
    expect(faults).toEqual([])
    const other = await openPage(browser)
    await other.page.goto(address)
    await other.page.getByText('This session is over.').waitFor()
  })
})

const serve = (server: TestServer, port = '0') =>
  server.start(['serve', '--listen', port, '--no-auth'], /It answers at (\S+)\. /)

/** Starts a run, and resolves with its id when it has ended. */
async function start(server: TestServer, text: string, inputs = {}): Promise<string> {
  const client = server.client()
  const { id } = await client.runs.start({ source: { text }, inputs })
  await until(async () => (await client.runs.get(id)).completed_at !== null)
  return id
}

async function picture(page: Page, name: string): Promise<void> {
  if (PICTURES) await page.screenshot({ path: join(PICTURES, `${name}.png`) })
}

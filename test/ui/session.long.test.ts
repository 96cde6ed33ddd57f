import { describe, expect, onTestFinished, test } from 'vitest'
import { buildPages } from '../../build/ui.ts'
import { chromiumPath, openBrowser, openPage } from './browser.ts'
import { openServer } from './server.ts'

describe.skipIf(chromiumPath === undefined)('a message that was not sent (apt-get install chromium)', () => {
  test('stays over a restart and while the page asks for a key again, and is taken once although it is sent twice', async () => {
    await buildPages()
    const browser = await openBrowser()
    onTestFinished(() => browser.close())
    const server = openServer(onTestFinished)
    const url = await server.start(['serve', '--listen', '0'], /It answers at (\S+)\. /)
    const { port } = new URL(url)
    const makeKey = (owner: string) => server.client().access.keys.create({ name: 'page', owner, scopes: ['admin'] })
    await server.client().threads.startAsk({ id: 'first', thread: 'harbour', prompt: 'Is there a harbour?' })
    const { page } = await openPage(browser)
    const signIn = async (owner = 'local') => {
      const { id, token } = await makeKey(owner)
      await page.getByLabel('API key').fill(token)
      await page.getByRole('button', { name: 'Sign in' }).click()
      return id
    }
    await page.goto(`${url}/ui/threads/harbour`)
    await page.getByLabel('API key').waitFor()
    expect(await page.getByText('Your session has ended').count()).toBe(0)
    const first = await signIn()
    const box = page.getByLabel('Message')
    await box.fill('When does the harbour open?')
    await server.kill()
    const lost = page.getByText('The server does not answer.')
    await lost.waitFor()
    await server.start(['serve', '--listen', port], /It answers at (\S+)\. /)
    await lost.waitFor({ state: 'detached' })
    expect([await page.getByLabel('API key').count(), await box.inputValue()]).toEqual([
      0,
      'When does the harbour open?',
    ])
    await server.client().access.keys.revoke(first)
    await page.getByText('This API key is revoked. Sign in to continue').waitFor()
    const second = await signIn()
    await box.waitFor()
    expect(await box.inputValue()).toBe('When does the harbour open?')

    // the server takes the question, and its answer is lost
    const asks = /\/v1\/threads\/harbour\/asks/
    await page.route(asks, async (route) => {
      if (route.request().method() === 'GET') return route.continue()
      await route.fetch()
      await route.abort()
    })
    await page.getByRole('button', { name: 'Send' }).click()
    await page.locator('.composer .failed-box').getByText('It answers again now.').waitFor()
    await page.unroute(asks)
    await page.getByRole('button', { name: 'Send' }).click()
    await expect.poll(() => box.inputValue()).toBe('')
    expect(await server.client().threads.messages('harbour')).toHaveLength(2)

    // what is written while a message is sent stays
    const sent = Promise.withResolvers<void>()
    await page.route(asks, async (route) => {
      await sent.promise
      await route.continue()
    })
    await box.fill('Is there a crane?')
    await page.getByRole('button', { name: 'Send' }).click()
    await page.getByRole('button', { name: 'Sending …' }).waitFor()
    await box.fill('And a ferry?')
    sent.resolve()
    await page.getByRole('button', { name: 'Send', exact: true }).waitFor()
    expect(await box.inputValue()).toBe('And a ferry?')

    // a reload brings it back from the storage of this tab, until it is sent
    const stored = () => page.evaluate<string>('JSON.stringify([{ ...localStorage }, { ...sessionStorage }])')
    await page.reload()
    await box.waitFor()
    expect(await box.inputValue()).toBe('And a ferry?')
    expect(await stored()).toMatch(/^\[\{\},.*And a ferry\?/)
    await page.getByRole('button', { name: 'Send' }).click()
    await expect.poll(() => box.inputValue()).toBe('')
    expect(await stored()).toBe('[{},{}]')

    // another caller finds none of it, and a sign-out leaves nothing
    await page.goto(`${url}/ui/threads/new?agent=clerk`)
    await box.fill('Is there a lighthouse?')
    await server.client().access.keys.revoke(second)
    await page.getByText('This API key is revoked. Sign in to continue').waitFor()
    await signIn('bob')
    await box.waitFor()
    expect([await box.inputValue(), await stored()]).toEqual(['', '[{},{}]'])
    await box.fill('Is there a pier?')
    expect(await stored()).toContain('Is there a pier?')
    await page.getByRole('button', { name: 'Sign out' }).click()
    await page.getByLabel('API key').waitFor()
    expect(await stored()).toBe('[{},{}]')
  })
})

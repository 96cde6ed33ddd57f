import { describe, expect, onTestFinished, test } from 'vitest'
import { buildPages } from '../../build/ui.ts'
import type { KeyScope } from '../../src/house/scope.ts'
import { until } from '../../src/testing/until.ts'
import { chromiumPath, openBrowser, openPage, violations } from './browser.ts'
import { HELD } from './pipelines.ts'
import { openServer } from './server.ts'
import { openView } from './views.ts'

const GATE =
  'name: gate\nsteps: [{ id: ok, tool: approval-gate, parameters: { title: Send it?, content: The letter } }]'
const REFUSED = [
  'Start …',
  'Run again …',
  'Resume',
  'Cancel',
  'Approve',
  'Reject',
  'All of these …',
  'Begin a conversation',
]

describe.skipIf(chromiumPath === undefined)('the rights of a caller (apt-get install chromium)', () => {
  test('a page shows no button that the server would refuse, and says once what is missing', async () => {
    await buildPages()
    const browser = await openBrowser()
    onTestFinished(() => browser.close())
    const server = openServer(onTestFinished)
    const url = await server.start(['serve', '--listen', '0'], /It answers at (\S+)\. /)
    const client = server.client()
    const { id } = await client.runs.start({ source: { text: GATE } })
    await until(async () => (await client.inbox.list()).length === 1)

    const signIn = async (...scopes: KeyScope[]) => {
      const { id: key, token } = await client.access.keys.create({ name: 'page', owner: 'local', scopes })
      const { page } = await openPage(browser)
      const refused: string[] = []
      page.on('response', (response) => response.status() === 403 && refused.push(new URL(response.url()).pathname))
      await page.goto(`${url}/ui/runs/${id}`)
      await page.getByLabel('API key').fill(token)
      await page.getByRole('button', { name: 'Sign in' }).click()
      return { page, refused, key }
    }

    const reader = await signIn('read')
    await reader.page.getByText('You may read this, but not answer it.').waitFor()
    const names = async () => (await reader.page.locator('button, a.button').allInnerTexts()).map((name) => name.trim())
    expect((await names()).filter((name) => REFUSED.includes(name))).toEqual([])
    await reader.page.goto(`${url}/ui/runs`)
    await reader.page.locator('.run-rows .row:not(.head)').waitFor()
    expect((await names()).filter((name) => REFUSED.includes(name))).toEqual([])
    expect(await reader.page.getByRole('checkbox', { name: /^Choose/ }).count()).toBe(0)
    await reader.page.goto(`${url}/ui/start`)
    await reader.page.getByText('You may read this, but not start anything.').waitFor()
    expect((await names()).filter((name) => REFUSED.includes(name))).toEqual([])
    // nothing is asked that the caller has not
    for (const view of ['', 'agents']) await openView(reader.page, view)
    expect(reader.refused).toEqual([])

    // a caller that may do nothing of this gets one sentence, and no list of errors
    const putter = await signIn('agents')
    await putter.page.getByText('You may not read the work on this server.').waitFor()
    expect(await putter.page.locator('.failed-box').count()).toBe(0)
    expect(await putter.page.locator('nav a').allInnerTexts()).toEqual(['antiphon'])

    // who may answer sees what is asked, and no other work
    const answerer = await signIn('approve')
    const asked = answerer.page.getByRole('article', { name: 'Send it?' })
    await asked.getByLabel('What it is about').getByText('The letter').waitFor()
    await asked.getByRole('button', { name: 'Approve' }).waitFor()
    expect(await answerer.page.locator('nav a').allInnerTexts()).toEqual(['antiphon', 'Inbox\n1'])
    expect(await answerer.page.locator('main a').count()).toBe(0)

    // a key with `talk` may name any agent
    const talker = await signIn('talk')
    await talker.page.getByLabel('Agent').fill('clerk')
    await talker.page.getByLabel('Message').waitFor()
    expect([talker.refused, answerer.refused, putter.refused]).toEqual([[], [], []])

    // Home of a caller without `read` says what there is for it, and nothing on it fails
    for (const [scope, words] of [
      ['talk', 'New conversation'],
      ['run', 'New conversation'],
      ['approve', 'Send it?'],
      ['ask', 'Nothing waits for you.'],
      ['memory', 'Nothing waits for you.'],
      ['audit', 'No decision fits.'],
      ['agents', 'You have agents, which is of use through the API.'],
    ] as const) {
      const { page, refused } = scope === 'approve' ? answerer : await signIn(scope)
      await openView(page, '')
      await page.locator('main').getByText(words).first().waitFor()
      expect([scope, refused, await page.locator('main .failed-box').count()]).toEqual([scope, [], 0])
      expect(await violations(page)).toEqual([])
    }
    // it looks back at its own decisions
    await answerer.page.getByRole('tab', { name: 'My decisions' }).click()
    await answerer.page.getByText('You have decided nothing yet.').waitFor()
    expect(answerer.refused).toEqual([])

    // an approval needs `approve`, and a signal `run`
    const { id: held } = await client.runs.start({ source: { text: HELD } })
    await until(async () => (await client.inbox.list({ run: held })).length === 1)
    const runner = await signIn('read', 'run')
    await runner.page.getByText('You may read this, but not answer it.').waitFor()
    expect(await runner.page.getByRole('button', { name: 'Approve' }).count()).toBe(0)
    const approver = await signIn('read', 'approve')
    await approver.page.getByRole('button', { name: 'Approve', exact: true }).waitFor()
    await openView(approver.page, `runs/${held}`)
    await approver.page.getByText('You may read this, but not answer it.').waitFor()
    await openView(runner.page, `runs/${held}`)
    await runner.page.getByLabel('Answer, as JSON').fill('1')
    await runner.page.getByRole('button', { name: 'Send' }).click()
    await until(async () => (await client.runs.get(held)).status === 'completed')
    expect(runner.refused).toEqual([])

    await openView(approver.page, `runs/${id}`)
    await approver.page.getByRole('button', { name: 'Approve', exact: true }).click()
    await approver.page.locator('h1').getByText('completed').waitFor()
    expect(approver.refused).toEqual([])

    // a long content is shown whole in the inbox, so its approval is taken
    const word = 'word '.repeat(6000)
    const LONG = `name: long\nsteps: [{ id: ok, tool: approval-gate, parameters: { title: Long?, content: "${word}" } }]`
    const { id: long } = await client.runs.start({ source: { text: LONG } })
    await approver.page.goto(`${url}/ui/inbox`)
    const letter = approver.page.getByRole('article', { name: 'Long?' })
    await expect.poll(async () => (await letter.locator('pre').textContent())?.length).toBe(word.length)
    // a reason that was typed is there after a reload
    await letter.getByLabel('Reason').fill('I have read it')
    await approver.page.reload()
    await expect.poll(() => letter.getByLabel('Reason').inputValue()).toBe('I have read it')
    await letter.getByRole('button', { name: 'Approve' }).click()
    await letter.waitFor({ state: 'detached' })
    await expect.poll(() => approver.page.evaluate('document.activeElement.textContent')).toBe('Inbox')
    await until(async () => (await client.runs.get(long)).status === 'completed')

    // a long list is read page by page
    await Promise.all(Array.from({ length: 51 }, () => client.runs.start({ source: { text: GATE } })))
    const gates = approver.page.getByRole('article', { name: 'Send it?' })
    await expect.poll(() => gates.count()).toBe(50)
    await approver.page.getByRole('button', { name: 'Show more' }).click()
    await expect.poll(() => gates.count()).toBe(51)
    expect(await approver.page.getByRole('button', { name: 'Show more' }).count()).toBe(0)

    // a session ends by its button, or with its key, which the form then says
    await approver.page.getByRole('button', { name: 'Sign out' }).click()
    await approver.page.getByLabel('API key').waitFor()
    await approver.page.goto(`${url}/ui/runs`)
    await approver.page.getByLabel('API key').waitFor()
    expect(await approver.page.getByRole('status').count()).toBe(0)
    await client.access.keys.revoke(reader.key)
    // as the link to it does, which is gone if the page has asked before
    await reader.page.evaluate("history.pushState(null, '', 'inbox'); dispatchEvent(new PopStateEvent('popstate'))")
    await reader.page.getByText('This API key is revoked.').waitFor()
  })
})

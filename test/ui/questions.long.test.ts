import { describe, expect, onTestFinished, test } from 'vitest'
import type { PoolsDocument } from '../../src/runtime/ports/maintenance.ts'
import { until } from '../../src/testing/index.ts'
import { chromiumPath, openPage } from './browser.ts'
import { openServer } from './server.ts'
import { openView } from './views.ts'

import { ADDRESS, IS_CUT, LONG, picture, useWorld } from './world.ts'

describe.skipIf(chromiumPath === undefined)('the dashboard answers, in Chromium (apt-get install chromium)', () => {
  const used = useWorld()

  // dear: a browser shows the pages
  test('`antiphon ui` opens an empty folder: its address signs one browser in, and a run is started by a button', {
    timeout: LONG,
  }, async () => {
    const server = openServer(onTestFinished)
    const address = await server.start(['ui', '--no-open'], ADDRESS)
    const { origin: url } = new URL(address)
    const { page, faults, asked } = await openPage(used.browser)
    await page.goto(address)
    await page.getByText('Nothing has run here yet.').waitFor()
    expect(page.url()).not.toContain('code')
    const other = await openPage(used.browser)
    await other.page.goto(address)
    await other.page.getByText('This browser is not signed in').waitFor()
    await picture(page, 'empty')
    await page.locator('.card', { hasText: 'A question to you' }).getByRole('button', { name: 'Run it' }).click()
    await page.getByText('Waits for a person', { exact: true }).waitFor()
    await page.getByLabel('Reason').fill('it is noon')
    await page.getByRole('button', { name: 'Approve', exact: true }).click()
    await page.locator('h1').getByText('completed').waitFor()
    await page
      .getByRole('button', { name: /approve/ })
      .first()
      .click()
    await page.getByText('Answered by').waitFor()
    // the audit has the question and the reason, and so has the command
    await openView(page, 'machine?view=audit')
    const act = page.locator('.row', { hasText: 'approved' })
    await act.getByText('Send this letter?').waitFor()
    await act.getByText('“it is noon”').waitFor()
    const cut = `[...document.querySelectorAll('.row .name, .row .id')].filter(${IS_CUT}).length`
    expect(await page.evaluate(cut)).toBe(0)
    expect(await server.run('audit')).toMatch(/Send this letter\? “it is noon”/)
    expect([faults, [...asked]]).toEqual([[], [url]])
  })

  test('ten questions are answered from Home in three actions or fewer', { timeout: LONG }, async () => {
    const { url, state, good, news, server } = used.world
    const { page, faults } = await openPage(used.browser, { state })
    const home = () => page.goto(`${url}/ui/`)
    const section = (title: string) => page.locator('section', { hasText: title })
    await home()

    // what needs me; what stands still, and why
    await section('Needs you').getByText('Send this letter to 1,200 readers?').waitFor()
    await section('Stands still').getByText('step approve waits for an answer').waitFor()
    await page.getByText('1 waits for you, 1 for others').waitFor()
    // which step failed, and on what
    const failed = section('Failed in the last day')
    await failed.getByText('File not found: missing.log').first().waitFor()
    // which pool is short; who spent today
    await section('Pools').getByText('has places').first().waitFor()
    await section('Money today').getByText('desk').first().waitFor()
    await picture(page, 'home')

    await page.goto(`${url}/ui/machine`)
    await page.getByText('has places').first().waitFor()
    await picture(page, 'machine')
    await page.route('**/v1/pools', async (route) => {
      const { items, resources } = (await (await route.fetch()).json()) as PoolsDocument
      const [one, ...others] = items.map((pool) => ({ ...pool, running: pool.workers }))
      await route.fulfill({ json: { items: [{ ...one!, queued: 37 }, ...others], resources } })
    })
    for (const view of ['', 'machine']) {
      await page.goto(`${url}/ui/${view}`)
      await page.getByText('short: 37 tasks wait').waitFor()
      expect(await page.getByText('has places').count()).toBe(0)
    }
    await page.unrouteAll({ behavior: 'wait' })
    await page.goto(`${url}/ui/runs`)
    await page.locator('.run-rows .row:not(.head)').nth(2).waitFor()
    await page.setViewportSize({ width: 1050, height: 900 })
    expect(await page.evaluate(`[...document.querySelectorAll('.says > :not(.problem)')].some(${IS_CUT})`)).toBe(false)
    await page.setViewportSize({ width: 1440, height: 900 })
    await picture(page, 'runs')
    // no run waits for code
    await page.getByRole('button', { name: 'for code' }).click()
    await page.getByText('No run fits these filters.').waitFor()
    await page.goto(`${url}/ui/inbox`)
    await page.locator('main article').first().waitFor()
    // a step says in words what it waits for, and leads to its item
    await page.goto(`${url}/ui/runs/${news}?step=approve`)
    const step = page.locator('.drawer')
    await step.getByText('It waits for the answer approve.').waitFor()
    await step.getByRole('heading', { name: 'Parameters' }).waitFor()
    await step.getByRole('link', { name: 'Answer it' }).click()
    await page.locator('.beside').getByText('It belongs to no conversation.').waitFor()
    await home()
    // what the model was given, and at what cost
    await failed.getByRole('link', { name: /write-letter/ }).click()
    await page.getByRole('button', { name: /weather/ }).click()
    await page.locator('.drawer').getByText('Weather in Kiel?').first().waitFor()
    await page.locator('.drawer').getByText('$0.01').waitFor()
    // Back closes what was opened, Forward opens it again, and a tab is a place, too
    await page.goBack()
    await page.locator('.drawer').waitFor({ state: 'detached' })
    await page.getByRole('tab', { name: 'Graph' }).click()
    await page.getByRole('button', { name: /weather/ }).click()
    await page.locator('.drawer').waitFor()
    await page.keyboard.press('Escape')
    await page.locator('.drawer').waitFor({ state: 'detached' })
    await page.goBack()
    await page.getByRole('button', { name: /weather/ }).click()
    await page.locator('.drawer').waitFor()
    // that step again with another prompt: the new run stands beside the old one
    await page.getByRole('button', { name: 'Another prompt …' }).click()
    const sheet = page.getByRole('dialog', { name: 'Run again' })
    const text = sheet.getByLabel('The text of the pipeline')
    await until(async () => /^Weather in .*\?$/.test((await page.evaluate('getSelection().toString()')) as string))
    const other = (await text.inputValue()).replace('Weather in', 'Weather tomorrow in')
    // what the server refuses stands at its field, and a dialog that was closed by mistake has what was typed
    await text.fill('')
    await sheet.getByRole('button', { name: 'Run again' }).click()
    await sheet.getByText('Line 1: expected a map').waitFor()
    await text.fill(other.replaceAll('stamp', 'seal'))
    await sheet.getByLabel('From step').selectOption('stamp')
    await sheet.getByRole('button', { name: 'Run again' }).click()
    await sheet.locator('#wrong-step').getByText('has no step stamp. Its steps are: weather, seal.').waitFor()
    await text.fill(other)
    await page.keyboard.press('Escape')
    await sheet.waitFor({ state: 'detached' })
    await page.locator('.drawer').getByRole('button', { name: 'Again from here …' }).click()
    expect(await text.inputValue()).toBe(other)
    // no command does the same with another text
    expect(await sheet.locator('.command').count()).toBe(0)
    const count = async () => (await server.client().runs.list({ name: 'write-letter' })).length
    const before = await count()
    await sheet.getByRole('button', { name: 'Run again' }).dblclick()
    await page.locator('.facts-table').getByText('another text').waitFor()
    expect(await count()).toBe(before + 1)
    await page.locator('.compare tr', { hasText: 'weather' }).getByText('its text').waitFor()
    await page.getByRole('link', { name: 'weather', exact: true }).click()
    await page.locator('.diff .only-left', { hasText: 'Weather tomorrow in Kiel?' }).first().waitFor()
    await page.locator('.diff .only-right', { hasText: 'Weather in Kiel?' }).first().waitFor()
    await picture(page, 'compare')

    // all that failed this way
    await home()
    await failed
      .getByRole('link', { name: /import-orders/ })
      .first()
      .click()
    await page.getByRole('link', { name: 'load', exact: true }).click()
    await page.locator('.drawer').getByText('"path": "missing.log"').waitFor()
    await picture(page, 'step')
    await page.getByRole('link', { name: 'All runs that failed this way' }).click()
    await page.locator('.run-rows .row:not(.head)').nth(2).waitFor()
    expect(new URL(page.url()).searchParams.get('text')).toBe('File not found')
    // what differs from the last good run
    await page.goBack()
    await page.getByRole('link', { name: 'What differs from the last good run' }).click()
    await page.locator('.compare').getByText(good).waitFor()
    expect(await page.locator('.compare tr', { hasText: 'load' }).textContent()).toContain('status, error, result')
    // that step again with another input; the command says the same
    await page.getByRole('button', { name: 'Run again …' }).click()
    await sheet.getByLabel('From step').selectOption('load')
    await sheet.getByLabel('Inputs to change').fill('{"log": "good.log"}')
    await sheet.getByText('--set log=good.log').waitFor()
    await sheet.getByRole('button', { name: 'Run again' }).click()
    await page.locator('h1').getByText('completed').waitFor()

    // where the time went; a range of it is chosen by dragging
    await page.goto(`${url}/ui/runs?text=nightly`)
    await page.getByRole('link', { name: /nightly-report/ }).click()
    await page.getByRole('img', { name: /^chart: completed, .*worked \d/ }).waitFor()
    await picture(page, 'run')
    const chart = (await page.locator('.lines .chart').first().boundingBox())!
    await page.mouse.move(chart.x + chart.width * 0.6, chart.y + 5)
    await page.mouse.down()
    await page.mouse.move(chart.x + chart.width - 2, chart.y + 60, { steps: 4 })
    await page.mouse.up()
    await page.getByText(/of 7 steps/).waitFor()
    expect(new URL(page.url()).search).toMatch(/range=\d+-\d+/)
    await page.keyboard.press('Escape')
    await page.getByText(/of 7 steps/).waitFor({ state: 'detached' })
    // who approved what
    await page.goto(`${url}/ui/runs?text=voyage`)
    await page.getByRole('link', { name: /voyage/ }).click()
    await page.getByRole('button', { name: /sail/ }).click()
    await page.locator('.drawer').getByText('Answered by').waitFor()
    expect(faults).toEqual([])
  })

  test('an item is found by filters, words and keys, is changed in a form, and its link says who answered it', {
    timeout: LONG,
  }, async () => {
    const { url, state, server } = used.world
    const client = server.client()
    const text = 'My lamp arrived broken. It was order 1789.'
    for (const conversation of ['lamp', 'light']) await client.conversations.post({ conversation, agent: 'desk', text })
    await until(async () => (await client.inbox.list({ agent: 'desk' })).length === 2)
    const { page, faults } = await openPage(used.browser, { state })
    // a conversation that waits says so, and Home counts it
    await page.goto(`${url}/ui/threads`)
    await page.locator('.row', { hasText: 'light' }).getByText('waits for a person').waitFor()
    await page.goto(`${url}/ui/`)
    await page.getByRole('link', { name: /^\d+ open conversations/ }).waitFor()
    await page.goto(`${url}/ui/inbox`)
    const cards = page.locator('main article')
    await expect.poll(() => cards.count()).toBe(3)
    // no technical word is said of a call for a customer
    const refund = cards.filter({ hasText: 'conversation light' })
    expect(await refund.locator('header').innerText()).not.toMatch(/call_|signal|step/)
    await refund.getByText('If you reject it, the agent desk reads the reason').waitFor()
    await page.getByLabel('Search in what is listed').fill('1,200 readers')
    await expect.poll(() => cards.count()).toBe(1)
    await page.getByLabel('Search in what is listed').fill('')
    await expect.poll(() => cards.count()).toBe(3)
    await page.goto(`${url}/ui/inbox?tool=refund`)
    await expect.poll(() => cards.count()).toBe(2)
    await page.keyboard.press('/')
    await page.keyboard.type('light')
    await expect.poll(() => cards.count()).toBe(1)
    await page.locator('h1').click()
    await page.keyboard.press('j')
    expect(await page.evaluate('document.activeElement.localName')).toBe('article')
    await page.keyboard.press('Enter')
    await page.locator('.beside').getByText('arrived broken').waitFor()
    const address = page.url()
    expect(new URL(address).searchParams.get('tool')).toBe('refund')
    // one field for each value; nested ones and all of it as JSON
    await refund.getByRole('button', { name: 'Change it' }).click()
    await refund.getByLabel('cents').fill('x')
    await refund.getByText('A number is expected.').waitFor()
    await refund.getByLabel('cents').fill('4800')
    await refund.getByRole('button', { name: 'As JSON' }).click()
    expect(await refund.getByLabel('The content that you approve').inputValue()).toContain('"cents": 4800')
    await refund.getByRole('button', { name: 'Approve this change' }).click()
    await refund.waitFor({ state: 'detached' })
    // the link that somebody was sent
    await page.goto(address)
    const decided = page.getByRole('article', { name: 'Answered' })
    await decided.getByText('changed').waitFor()
    await decided.getByRole('cell', { name: '4800' }).waitFor()
    await page.goto(`${url}/ui/inbox`)
    await page.getByRole('tab', { name: 'Decided' }).click()
    await page.locator('.row', { hasText: 'changed refund' }).getByRole('link', { name: 'light' }).waitFor()
    await page.getByLabel('Search in what is listed').fill('nothing of this')
    await page.getByText('No decision fits.').waitFor()
    for (const conversation of ['lamp', 'light']) await client.conversations.stop(conversation, 'seen')
    expect(faults).toEqual([])
  })
})

import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Page } from 'playwright-core'
import { describe, expect, onTestFinished, test } from 'vitest'
import { until } from '../../src/testing/index.ts'
import { chromiumPath, openPage, violations } from './browser.ts'
import { PHOTO, PHOTO_ID } from './photo.ts'
import { CROWD, EVIL, HELD, HOSTILE, LETTER, NEWSLETTER, NIGHTLY, ORDERS, SLOW } from './pipelines.ts'
import { openServer, type TestServer } from './server.ts'
import { openView, viewsOf } from './views.ts'

import { ADDRESS, IS_CUT, LONG, picture, saveHarbour, start, useWorld } from './world.ts'

describe.skipIf(chromiumPath === undefined)('the dashboard in Chromium (apt-get install chromium)', () => {
  const used = useWorld()

  test('a run has a graph, a source, and one file without a script; a workflow has its pauses', {
    timeout: LONG,
  }, async () => {
    const { url, state, server, wide, bad, night, voyage } = used.world
    const { page, faults } = await openPage(used.browser, { state })
    await page.goto(`${url}/ui/runs/${night}?view=graph`)
    await page.getByRole('button', { name: /chart/ }).click()
    await page.locator('.drawer h2', { hasText: 'chart' }).waitFor()
    await expect.poll(() => page.locator('.node').count()).toBe(6)
    await picture(page, 'graph')
    // a loop says what its steps took
    expect(await server.run('show', night)).toMatch(/ each .*2 steps took \d+ ms/)
    await page.goto(`${url}/ui/runs/${night}`)
    await page.getByRole('img', { name: /^each: completed, .*, 2 steps took \d+ ms together/ }).waitFor()
    // a wide level is one node until it is opened
    await page.goto(`${url}/ui/runs/${wide}?view=graph`)
    await page.getByRole('button', { name: /level 2/ }).click()
    await until(async () => (await page.locator('.node').count()) > 100)
    // the text of the pipeline, with the lines of the step
    await page.goto(`${url}/ui/runs/${bad}?view=source&step=load`)
    await page.locator('.source code.in', { hasText: 'id: load' }).waitFor()
    await page.getByRole('button', { name: 'open prepare' }).click()
    await page.locator('.source code.in', { hasText: 'id: prepare' }).waitFor()
    // the run as one file, which the command writes, too
    const [download] = await Promise.all([
      page.waitForEvent('download'),
      page.getByRole('button', { name: 'Save as a file' }).click(),
    ])
    expect(download.suggestedFilename()).toBe(`${bad}.html`)
    const html = await server.run('show', bad, '--html')
    expect(html).toContain('File not found: missing.log')
    expect(html).not.toContain('<script')
    // a workflow: its sleeps are rows, and its operations have places
    await page.goto(`${url}/ui/runs/${voyage}`)
    await page.getByRole('img', { name: /^sleep: completed, slept/ }).waitFor()
    await page.getByRole('img', { name: /^sail: completed, waited for a person/ }).waitFor()
    await page.getByRole('tab', { name: 'source' }).click()
    await page
      .getByText(/^program\.ts:\d+$/)
      .first()
      .waitFor()
    expect(faults).toEqual([])
  })

  test('items of `ctx.map` are one row that opens, the failed one first, and have no arrows between them', {
    timeout: LONG,
  }, async () => {
    const { url, state, server } = used.world
    const client = server.client()
    const { id } = await client.runs.start({ workflow: 'waybills', input: { crates: 40 } })
    await until(async () => (await client.runs.get(id)).status === 'failed')
    const { page, faults } = await openPage(used.browser, { state })
    await page.goto(`${url}/ui/runs/${id}`)
    const rows = page.locator('.lines .lane')
    const family = rows.first().getByRole('button', { expanded: false })
    await family
      .getByText(/waybill/)
      .first()
      .waitFor()
    expect(await rows.count()).toBe(1)
    await page.getByRole('img', { name: /^waybill: \d+ steps, .*1 failed/ }).waitFor()
    await family.click()
    await expect.poll(() => rows.count()).toBeGreaterThan(20)
    await rows.nth(1).getByRole('button', { name: 'waybill#37' }).waitFor()
    // the banner leads to the step that failed
    await page.getByRole('link', { name: 'waybill#37' }).click()
    await page.locator('.drawer').getByText('The crate is empty.').waitFor()
    expect(await violations(page)).toEqual([])
    await picture(page, 'long-run')
    await page.goto(`${url}/ui/runs/${id}?view=graph`)
    await page.locator('.node').nth(20).waitFor()
    expect(await violations(page)).toEqual([])
    expect([await page.locator('.edge').count(), faults]).toEqual([0, []])
  })

  test('a workflow starts by a form of its schema, and an agent is talked with, steered by a person, and looked into', {
    timeout: LONG,
  }, async () => {
    const { url, state, server } = used.world
    const { page, faults, asked } = await openPage(used.browser, { state })
    await page.goto(`${url}/ui/start?kind=workflow`)
    await page.getByRole('button', { name: 'Start it' }).click()
    await page.getByText('A value is expected.').waitFor()
    const focused = () => page.evaluate('document.activeElement.id')
    await until(async () => (await focused()) === 'field-ship')
    await page.getByLabel('ship').fill('A')
    await page.getByLabel('guests').fill(' ')
    await page.getByText('antiphon run voyage -i ship=A -i route=coast').waitFor()
    await page.getByLabel('guests').fill('20')
    await page.getByRole('button', { name: 'Start it' }).click()
    // the schema of the workflow refuses it, and nothing is lost
    await page.locator('#field-ship-about .problem').waitFor()
    await until(async () => (await focused()) === 'field-ship')
    await page.getByRole('tab', { name: 'Text' }).click()
    await page.getByLabel('The text of a pipeline').waitFor()
    await page.goBack()
    expect(await page.getByLabel('guests').inputValue()).toBe('20')
    await page.getByLabel('ship').fill('Anna')
    await page.getByText('antiphon run voyage -i ship=Anna -i guests=20').waitFor()
    await picture(page, 'start')
    // a reload brings back what was typed, without secrets, which are in no command and in no storage
    await page.getByLabel('pin').fill('4711')
    const said = async () =>
      (await page.locator('main').innerText()) + (await page.evaluate('sessionStorage["antiphon drafts"]'))
    expect(await said()).toMatch(/ship=Anna(?!.*4711)/s)
    await page.reload()
    await page.getByLabel('ship').waitFor()
    const typed = ['ship', 'guests', 'pin'].map((name) => page.getByLabel(name).inputValue())
    expect(await Promise.all(typed)).toEqual(['Anna', '20', ''])
    await page.getByRole('button', { name: 'Start it' }).click()
    await page.getByRole('heading', { name: 'Sail with 20 guests?' }).waitFor()

    // a text that does not compile says its line
    await page.goto(`${url}/ui/start?kind=text`)
    await page.getByRole('button', { name: 'A failure to look into' }).click()
    const text = page.getByLabel('The text of a pipeline')
    await text.fill((await text.inputValue()).replace('tool: filesystem', 'tool: filesystm'))
    await page.getByRole('button', { name: 'Start it' }).click()
    await page.getByText(/^Line 6: .*filesystm/).waitFor()
    // a text that needs inputs takes them, and a sample does not replace what was written
    const needy = `name: needy\ninputs: { town: { type: string, required: true } }\nsteps: [{ id: say, tool: debug, parameters: { message: "{{ town }}" } }]`
    await text.fill(needy)
    await page.getByRole('button', { name: 'Start it' }).click()
    await page.getByText('input `town` is required').waitFor()
    await page.getByRole('button', { name: 'A small pipeline' }).click()
    await page.getByRole('button', { name: 'What you wrote' }).click()
    await page.getByLabel('Inputs, as JSON').fill('{"town": "Kiel"}')
    expect(await page.getByTitle(/antiphon run needy.yaml -i town=Kiel$/m).count()).toBe(1)
    await page.getByRole('button', { name: 'Start it' }).click()
    await page.locator('h1', { hasText: 'needy' }).waitFor()
    await page.goto(`${url}/ui/start?kind=workflow&name=none`)
    await page.getByText('There is no workflow none.').waitFor()

    await page.goto(`${url}/ui/start?kind=agent&name=desk`)
    await page.getByLabel('Agent', { exact: true }).fill('clerk')
    await page.getByRole('button', { name: 'desk', exact: true }).click()
    expect(await page.getByLabel('Agent', { exact: true }).inputValue()).toBe('desk')
    // the command stands beside its button, at the same height
    const boxes = ['Begin a conversation', 'Copy command'].map((name) =>
      page.getByRole('button', { name }).boundingBox(),
    )
    const [button, copy] = (await Promise.all(boxes)).map((box) => box!.y + box!.height / 2)
    expect(Math.abs(button! - copy!)).toBeLessThanOrEqual(1)
    await page.getByRole('button', { name: 'Begin a conversation' }).click()
    await page.getByLabel('Message').fill('When do you open?')
    await page.getByRole('button', { name: 'Send' }).click()
    await page.getByText('The harbour opens at six').first().waitFor()
    await page.getByLabel('Message').fill('My lamp arrived broken. It was order 1789.')
    await page.keyboard.press('Control+Enter')
    await page.getByRole('heading', { name: 'Call refund?' }).waitFor()
    await picture(page, 'conversation')
    await page.getByRole('button', { name: 'Approve', exact: true }).click()
    await page.getByText('the money is on its way').first().waitFor()
    // each round opens the request that its model got
    const got = page.locator('details', { hasText: /^What the model got in round 1/ }).last()
    await got.locator('summary').click()
    await got.getByText('As the model got it.').waitFor()
    await got.getByText(/Tools: .*refund/).waitFor()
    const [refunded] = await server.client().goals.list({ limit: 1 })
    expect(await server.run('agent', 'show', refunded!.id, '--request', '1')).toMatch(
      /round 1 .*\nAs the model got it\.\nTools: .*refund.*\n--- system\nYou work towards a goal in rounds\.[\s\S]*\n--- user\nMy lamp arrived broken\./,
    )
    await got
      .getByLabel(/^Message \d+: user$/)
      .last()
      .getByText('My lamp arrived broken')
      .waitFor()
    await page
      .locator('.call', { hasText: 'refund' })
      .last()
      .getByText(/approved by/)
      .waitFor()
    await page.getByRole('link', { name: 'desk' }).first().click()
    await page
      .locator('.agents')
      .getByText(/\d goals/)
      .waitFor()
    // the lists say what was asked, and of which agent
    await page.getByRole('link', { name: /My lamp arrived broken\. It was order 1789\./ }).waitFor()
    await page.goto(`${url}/ui/agents?agent=nobody`)
    await page.getByText('There is no agent nobody, and no goal of one.').waitFor()
    await page.goto(`${url}/ui/threads`)
    const row = page.locator('.row', { hasText: 'When do you open?' }).first()
    await row.getByText(/^with desk · \d messages?/).waitFor()
    // what is typed for one call is not taken for another, when the first is answered elsewhere
    // and both are found behind a hundred older items of the inbox
    const client = server.client()
    const crowds = await Promise.all(Array.from({ length: 10 }, () => client.runs.start({ source: { text: CROWD } })))
    await until(async () => (await client.inbox.list({ limit: 200 })).length >= 120)
    await page.goto(`${url}/ui/threads/orders?agent=desk`)
    await page.getByLabel('Message').fill('My two orders are broken.')
    await page.keyboard.press('Control+Enter')
    const calls = page.locator('article.item')
    await calls.nth(1).waitFor()
    await calls.first().getByLabel('Reason').fill('it is order 1790')
    await calls.first().getByRole('button', { name: 'Change it' }).click()
    await calls.first().getByRole('button', { name: 'As JSON' }).click()
    await calls.first().getByLabel('The content that you approve').fill('{"order": ')
    await calls.first().getByRole('button', { name: 'Approve this change' }).click()
    await calls.first().getByText('Expected JSON, such as').waitFor()
    const asks = (await client.inbox.list({ limit: 200 })).flatMap((one) => ('run' in one && one.agent ? [one] : []))
    await client.runs.signal(asks[0]!.run, asks[0]!.signal, { action: 'approve' })
    await until(async () => (await calls.count()) === 1)
    await calls.getByRole('heading', { name: '1791' }).waitFor()
    expect(await calls.getByLabel('Reason').inputValue()).toBe('')
    expect(await calls.locator('textarea, .failed-box').count()).toBe(0)
    await calls.getByRole('button', { name: 'Reject' }).click()
    await calls.waitFor({ state: 'detached' })
    await Promise.all(crowds.map(({ id }) => client.runs.cancel(id, 'seen')))
    await page.goto(`${url}/ui/money?by=model`)
    await page.locator('.rows').getByText('demo/desk').waitFor()
    await picture(page, 'money')
    for (const [view, name] of [
      ['agents', 'agents'],
      ['threads', 'talk'],
    ] as const) {
      await openView(page, view)
      await picture(page, name)
    }
    expect([faults, [...asked]]).toEqual([[], [url]])
  })

  test('an agent at work is steered and stopped, a picture is shown before a call sends it, and sources open at their lines', {
    timeout: LONG,
  }, async () => {
    const { url, state, server } = used.world
    const { page, faults, asked } = await openPage(used.browser, { state })
    const say = async (text: string) => {
      await page.getByLabel('Message').fill(text)
      await page.getByRole('button', { name: 'Send' }).click()
    }
    await page.goto(`${url}/ui/threads/tide?agent=desk`)
    await say('Please look at the tide.')
    // what is said while it works reaches it before its next round
    await page.getByText('While it works:').waitFor()
    await say('And tell me the wind, too.')
    await page.locator('.prompt', { hasText: 'the wind, too' }).waitFor()
    // a message that steers the work is not cancelled by itself
    await page.locator('.reply-facts .is-running').nth(1).waitFor()
    expect(await page.locator('.reply-facts').getByRole('button', { name: 'Cancel' }).count()).toBe(0)
    writeFileSync(join(server.folder, 'tide.seen'), '')
    await page.getByText('the wind comes from the west').first().waitFor()
    await page.locator('.told', { hasText: 'the wind, too' }).first().waitFor()
    await say('Now look at the fog.')
    await page.getByRole('button', { name: 'Stop' }).click()
    await page.getByText('stopped on the dashboard').first().waitFor()
    // the command beside it does the same
    await say('Now look at the fog.')
    await page.locator('button[title="antiphon threads stop tide"]').waitFor()
    await server.run('threads', 'stop', 'tide', '--reason', 'it is too thick')
    await page.getByText('it is too thick').first().waitFor()
    expect(await page.getByRole('button', { name: 'Send' }).isDisabled()).toBe(true)

    // the picture that a call would send, where its approval stands and in the inbox
    const sea = { name: 'sea.png', mimeType: 'image/png', buffer: PHOTO }
    await page.locator('.composer input[type=file]').setInputFiles({ ...sea, name: 'wrong.png' })
    await page.locator('.composer input[type=file]').setInputFiles(sea)
    await page.getByRole('button', { name: 'Leave out wrong.png' }).click()
    // a file that is refused is named, and the message stays
    await page.locator('.composer input[type=file]').setInputFiles({ ...sea, name: 'bad.png', buffer: Buffer.alloc(0) })
    await say('Please put up the photo.')
    await page.getByText('bad.png: Expected a file with content').waitFor()
    await page.getByRole('button', { name: 'Leave out bad.png' }).click()
    await say('Please put up the photo.')
    await page.getByRole('article', { name: 'Call post?' }).waitFor()
    for (const place of ['threads/tide', 'inbox']) {
      await page.goto(`${url}/ui/${place}`)
      const card = page.getByRole('article', { name: 'Call post?' })
      const photo = card.getByRole('link', { name: /sea\.png/ })
      expect(await photo.getAttribute('href')).toContain(`/v1/files/${PHOTO_ID}`)
      await until(async () =>
        photo.locator('img').evaluate((image) => 'naturalWidth' in image && image.naturalWidth !== 0),
      )
      if (place === 'inbox') {
        await page.goto(`${url}/ui/threads`)
        await page.locator('.row', { hasText: 'look at the tide' }).getByText('waits for a person').waitFor()
        await page.goBack()
      }
      if (place === 'inbox') await card.getByRole('button', { name: 'Approve', exact: true }).click()
    }
    await page.getByRole('article', { name: 'Call post?' }).waitFor({ state: 'detached' })

    writeFileSync(join(server.folder, 'ferry.md'), '# Ferry\n\nThe ferry leaves at noon.\n\nIt returns at four.\n')
    await server.run('ask', 'When does the ferry leave?', '--file', 'ferry.md', '--thread', 'ferry')
    await page.goto(`${url}/ui/threads/ferry`)
    await page.getByRole('button', { name: 'Source 1' }).first().click()
    const source = page.locator('.sources .chosen')
    await source.getByText('line 3').waitFor()
    expect(await source.innerText()).toMatch(/ferry\.md[\s\S]*The ferry leaves at noon\./)
    expect([faults, [...asked]]).toEqual([[], [url]])
  })

  test('chosen runs, and all that a filter picks, are cancelled or run again by one dialog', {
    timeout: LONG,
  }, async () => {
    const { url, state, server } = used.world
    const client = server.client()
    const [one, two] = await Promise.all([1, 2].map(() => client.runs.start({ source: { text: HELD } })))
    const statusOf = async (run: typeof one) => (await client.runs.get(run!.id)).status
    await until(async () => (await statusOf(one)) === 'waiting' && (await statusOf(two)) === 'waiting')
    const { page, faults } = await openPage(used.browser, { state })
    await page.goto(`${url}/ui/runs?text=tickets-2026`)
    await page.getByLabel(`Choose hold-tickets ${one!.id}`).check()
    await page.getByRole('button', { name: '1 chosen …' }).click()
    const dialog = page.getByRole('dialog', { name: 'Many runs' })
    await dialog.getByText('1 run (0 timed, 0 queued, 1 running): ').waitFor()
    await dialog.getByText(`antiphon bulk cancel ${one!.id}`).waitFor()
    await dialog.getByLabel('Reason').fill('sold out')
    await picture(page, 'bulk')
    await dialog.getByRole('button', { name: 'Cancel 1 run' }).click()
    await dialog.getByText('Done: 1 of 1 run. 1 done.').waitFor()
    await dialog.getByRole('button', { name: 'Close' }).click()
    await until(async () => (await statusOf(one)) === 'cancelled')
    expect(await statusOf(two)).toBe('waiting')
    // the filter finds both by an input; the one that has ended is left
    expect(await page.locator('.filters .chip b').allInnerTexts()).toEqual(['', '', '', '', ''])
    await page.getByRole('button', { name: 'All of these …' }).click()
    await dialog.getByText('1 run (0 timed, 0 queued, 1 running): ').waitFor()
    await dialog.getByRole('button', { name: 'Run again' }).first().click()
    await dialog.getByText('2 runs: ').waitFor()
    await dialog.getByRole('button', { name: 'Cancel', exact: true }).click()
    await dialog.getByLabel('Undo completed steps first').check()
    await dialog.getByText(' --undo').waitFor()
    // this pipeline undoes nothing, so that a cancellation with it would be refused
    await dialog.getByLabel('Undo completed steps first').uncheck()
    await dialog.getByRole('button', { name: 'Cancel 1 run' }).click()
    await dialog.getByText('Done: 1 of 1 run. 1 done.').waitFor()
    await until(async () => (await statusOf(two)) === 'cancelled')
    await dialog.getByRole('button', { name: 'Close' }).click()
    await page.getByRole('button', { name: 'All of these …' }).click()
    await dialog.getByText('All of them have ended: there is nothing to cancel.').waitFor()
    expect(await dialog.getByRole('button', { name: 'Cancel 0 runs' }).isDisabled()).toBe(true)
    expect(faults).toEqual([])
  })

  test('memory shows what was known of a subject and what caused it, says why it found a record, and forgets', {
    timeout: LONG,
  }, async () => {
    const { url, state } = used.world
    const { page, faults } = await openPage(used.browser, { state })
    await page.goto(`${url}/ui/memory`)
    await page.getByRole('button', { name: 'harbour/prices' }).click()
    await page.getByLabel('Search records').fill('berth costs')
    await page.keyboard.press('Enter')
    await page.getByText(/words \d\.\d\d \(place 1\)/).waitFor()
    await page.getByRole('link', { name: /price of a berth/ }).click()
    await page.getByRole('heading', { name: 'What was known of it' }).waitFor()
    expect(await page.locator('ol.rows .row').count()).toBe(2)
    await page
      .locator('ol.rows')
      .getByText(/An import|A person/)
      .first()
      .waitFor()
    await picture(page, 'memory')
    await page.getByRole('button', { name: 'Pin', exact: true }).click()
    await page.locator('.facts-line').getByText('pinned').waitFor()
    await page.goto(`${url}/ui/memory?view=changes`)
    await page
      .getByText(/pinned 1 record/)
      .first()
      .waitFor()
    await page.getByRole('button', { name: 'Take back' }).first().click()
    await page
      .getByText(/taken back by/)
      .first()
      .waitFor()
    await page.goto(`${url}/ui/memory?space=harbour%2Fprices`)
    await page.getByRole('button', { name: 'Forget the space harbour/prices …' }).click()
    const dialog = page.getByRole('dialog', { name: 'Forget' })
    await dialog.getByText('This removes 2 records').waitFor()
    await dialog.getByRole('button', { name: 'Forget for good' }).click()
    await dialog.getByText('Removed 2 records').waitFor()
    await dialog.getByRole('button', { name: 'Close' }).click()
    await page.getByText('No record fits.').waitFor()
    // an address that names nothing, also one that is not encoded
    await page.goto(`${url}/ui/runs/%E0%A4%A`)
    await page.getByText('There is no run %E0%A4%A.').waitFor()
    await page.getByRole('link', { name: 'All runs' }).waitFor()
    expect(faults).toEqual([])
  })

  test('the last results of a test of an agent stand side by side, and a case opens with both answers', {
    timeout: LONG,
  }, async () => {
    const { url, state, server, harbour } = used.world
    const { page, faults } = await openPage(used.browser, { state })
    await page.goto(`${url}/ui/agents`)
    await page.getByRole('tab', { name: 'Agents' }).focus()
    await page.keyboard.press('ArrowRight')
    await page.getByText(/1 of 2 cases failed · broke: says when it opens · 2 results/).waitFor()
    await page.getByRole('link', { name: /harbour\.test\.ts/ }).click()
    const broke = page.getByRole('link', { name: /^failed broke 0\.2/ })
    await broke.focus()
    await page.keyboard.press('Enter')
    const pair = page.getByRole('region', { name: 'The case says when it opens in both results' })
    await pair.locator('.only-left', { hasText: 'We are closed.' }).first().waitFor()
    await pair.locator('.only-right', { hasText: 'We open at six.' }).first().waitFor()
    await pair.locator('.only-left', { hasText: 'output: expected a text that contains "six"' }).waitFor()
    expect(await page.locator('.matrix tfoot').innerText()).toMatch(/Cost\s+\$0\.03\s+\$0\.02/)
    await picture(page, 'tests')
    // the address has all of it
    await page.reload()
    await pair.getByText('We are closed.').first().waitFor()
    await pair.getByRole('button', { name: 'Close the case' }).click()
    await pair.waitFor({ state: 'detached' })
    await page.goto(`${url}/ui/agents?view=tests&test=nope`)
    await page.getByText('There are no results of a test nope.').waitFor()
    // a result that is written while the page is hidden is there when it is shown
    await page.goto(`${url}/ui/agents?view=tests&test=${harbour}`)
    await page.getByRole('cell', { name: /broke/ }).waitFor()
    await saveHarbour(server.folder, 3)
    await page.evaluate("document.dispatchEvent(new Event('visibilitychange'))")
    await page.getByRole('cell', { name: /mended/ }).waitFor()
    expect(faults).toEqual([])
  })

  test('the machine has its actors as a tree, its keys, the acts of people, and the cache', {
    timeout: LONG,
  }, async () => {
    const { url, state, server, news } = used.world
    const { id } = await server.client().access.keys.create({ name: 'reports', owner: 'anna', scopes: ['read'] })
    const { page, faults } = await openPage(used.browser, { state })
    await page.goto(`${url}/ui/machine?view=tree`)
    await page.getByRole('link', { name: `run/${news}`, exact: true }).click()
    await page.getByRole('link', { name: `step/${news}.approve` }).waitFor()
    await page.getByRole('tab', { name: 'Load' }).click()
    await page.getByRole('img', { name: /^runs and asks at work of the process: now \d+, at most \d+/ }).waitFor()
    await page.getByRole('button', { name: 'last day' }).click()
    await page.getByText('A point is 15 m 00 s').waitFor()
    await page.getByRole('tab', { name: 'Keys' }).click()
    await page.getByText(`${id} · anna · read`).waitFor()
    await page.getByRole('button', { name: 'Revoke' }).click()
    await page.getByText(/^revoked /).waitFor()
    await page.getByRole('tab', { name: 'Audit' }).click()
    await page.getByText(/^key revoked/).waitFor()
    await page
      .getByText(/^approved/)
      .first()
      .waitFor()
    await page.getByRole('tab', { name: 'Cache' }).click()
    await page.getByRole('button', { name: 'Drop all replies' }).click()
    await page.getByText(/^Dropped: /).waitFor()
    // a message that another page has dropped leaves the list of this one
    let isDropped = false
    await page.route('**/v1/deadletters**', (asked) => {
      isDropped ||= asked.request().url().includes('/d1')
      return isDropped ? asked.continue() : asked.fulfill({ contentType: 'application/json', body: DEAD })
    })
    await openView(page, 'machine?view=letters')
    await page.getByRole('button', { name: 'Drop' }).click()
    await page.getByText('No message has failed for good.').waitFor()
    expect(faults).toEqual([])
  })

  test('a server that is killed leaves the page standing, and the page catches up by itself', {
    timeout: LONG,
  }, async () => {
    const server = openServer(onTestFinished)
    const url = await serve(server)
    const { id } = await server.client().runs.start({ source: { text: SLOW } })
    const { page, faults } = await openPage(used.browser)
    await page.goto(`${url}/ui/runs/${id}`)
    await page.getByRole('button', { name: /^completed s2/ }).waitFor()
    await server.kill()
    await page.getByText('The server does not answer.').waitFor()
    await page.getByRole('button', { name: /s9/ }).waitFor()
    await serve(server, new URL(url).port)
    await page.getByText('The server does not answer.').waitFor({ state: 'detached' })
    await page.locator('h1').getByText('completed').waitFor()
    const { steps } = await server.client().runs.get(id)
    expect(Object.values(steps).map(({ status }) => status)).toEqual(Array(10).fill('completed'))
    // the steps are read apart from the run
    await expect.poll(() => page.locator('.lines .is-completed .unseen').count()).toBe(10)
    await page.getByRole('tab', { name: 'events' }).click()
    await page.locator('.events').getByText('run-end').waitFor()
    const numbers = await page.locator('.events .num').allTextContents()
    expect(new Set(numbers).size).toBe(numbers.length)
    expect(faults).toEqual([])
  })

  test('a page says once that a process has ended, and keeps what it showed', { timeout: LONG }, async () => {
    const server = openServer(onTestFinished)
    await server.startProgram()
    const address = await server.start(['ui', '--no-open'], ADDRESS)
    await start(server, ORDERS)
    const { page, faults } = await openPage(used.browser)
    await page.goto(address)
    const failed = page.getByText('File not found: missing.log')
    await failed.waitFor()
    await server.killOwner()
    const said = page.getByText('No process owns the folder now')
    await said.waitFor()
    expect(await failed.count()).toBe(1)
    // a page that was not read says it once, too
    await page.reload()
    await said.waitFor()
    await until(async () => (await page.locator('.loading').count()) === 0)
    expect([await said.count(), await page.locator('.failed-box').count()]).toEqual([1, 0])
    await page.getByText('Not read yet.').first().waitFor()
    await server.startProgram()
    await failed.waitFor()
    // parts that follow no topic come back as well
    await page.getByText('No work has cost anything today.').waitFor()
    expect([await page.getByText('Not read yet.').count(), await said.count(), faults]).toEqual([0, 0, []])
  })

  test('ten tabs share the connections of a browser: a hidden one closes its stream, and catches up when shown', {
    timeout: LONG,
  }, async () => {
    const { url, state, server } = used.world
    const { page: shown } = await openPage(used.browser, { state })
    const context = shown.context()
    // a page of a browser without windows is never hidden by itself
    await context.addInitScript(`
      globalThis.isHidden = true
      Object.defineProperty(document, 'hidden', { get: () => globalThis.isHidden })
      globalThis.setHidden = (isHidden) => {
        globalThis.isHidden = isHidden
        document.dispatchEvent(new Event('visibilitychange'))
      }
    `)
    const tabs = [shown, ...(await Promise.all(Array.from({ length: 9 }, () => context.newPage())))]
    // each is shown for a moment, as when a person opens one after the other
    for (const tab of tabs) {
      await tab.goto(`${url}/ui/runs?text=fresh-report`)
      await tab.evaluate('setHidden(false)')
      await tab.getByText('No run fits these filters.').waitFor()
      if (tab !== tabs.at(-1)) await tab.evaluate('setHidden(true)')
    }
    await start(server, NIGHTLY.replace('nightly', 'fresh'))
    await tabs
      .at(-1)!
      .getByRole('link', { name: /fresh-report/ })
      .waitFor()
    expect(await shown.getByRole('link', { name: /fresh-report/ }).count()).toBe(0)
    await shown.evaluate('setHidden(false)')
    await shown.getByRole('link', { name: /fresh-report/ }).waitFor()
  })

  test('no page breaks a rule of WCAG 2.2 AA, light and dark, wide and on a phone', { timeout: LONG }, async () => {
    const { url, state, news, bad, night, voyage, berth, server, harbour } = used.world
    const ofTest = { test: harbour, case: 'says when it opens' }
    const [goal] = await server.client().goals.list({ limit: 1 })
    const views = [
      ...viewsOf({ run: bad, step: 'load', thread: 'hours', record: berth, ...(goal && { goal: goal.id }), ...ofTest }),
      ...['machine?view=actors&status=waiting', 'machine?view=load&span=day', 'memory?text=berth'],
      ...['inbox?view=decided', `inbox?run=${news}&step=approve`],
      ...[
        `runs/${news}`,
        `runs/${voyage}`,
        `runs/${night}?view=graph`,
        `runs/${bad}?view=source&step=load`,
        'runs/none',
      ],
    ]
    const look = async (width: number) => {
      const { page } = await openPage(used.browser, { width, height: width === 390 ? 844 : 900, state })
      await page.goto(`${url}/ui/`)
      for (const view of views) {
        await openView(page, view)
        expect([view, width, await violations(page)]).toEqual([view, width, []])
        // another scheme has other colours, and is the same page otherwise; no rule for narrow pages sets a colour
        if (width === 1440) {
          await page.emulateMedia({ colorScheme: 'dark' })
          expect([view, 'dark', await violations(page, 'colours')]).toEqual([view, 'dark', []])
          await page.emulateMedia({ colorScheme: 'light' })
        }
        expect([view, width, await isTooWide(page)]).toEqual([view, width, false])
      }
      await page.context().close()
    }
    await Promise.all([look(1440), look(390)])
  })

  test('a phone has a button for the search, and cuts no name', { timeout: LONG }, async () => {
    const { url, state, server, bad } = used.world
    const name = 'a-name-that-is-longer-than-a-phone-is-wide-wherever-it-stands'
    const client = server.client()
    const { id } = await client.runs.start({ source: { text: NEWSLETTER.replaceAll('newsletter', name) } })
    // other tests know the questions that wait
    onTestFinished(async () => {
      await client.runs.cancel(id, 'seen')
    })
    await client.conversations.send({ conversation: 'phone', agent: 'desk', text: 'When do you open?' })
    await client.threads.name('phone', name)
    const { page } = await openPage(used.browser, { width: 390, height: 844, state })
    await page.goto(`${url}/ui/`)
    for (const view of ['', 'runs', 'threads', 'agents', 'memory', 'machine', 'machine?view=audit']) {
      await openView(page, view)
      const cut = await page.evaluate<readonly string[]>(`[...document.querySelectorAll('.row .name, .row .id, .cell')]
        .filter(${IS_CUT}).map((one) => one.className + ' ' + one.textContent)`)
      expect([view, cut]).toEqual([view, []])
      // a time stands on one line
      const broken = await page.evaluate<readonly string[]>(`[...document.querySelectorAll('.row .cell.num')]
        .filter((one) => getComputedStyle(one).whiteSpace !== 'nowrap').map((one) => one.textContent)`)
      expect([view, broken]).toEqual([view, []])
    }
    // a text stands within its bar, and a mark within its axis
    await openView(page, `runs/${bad}`)
    await page.locator('.lane .bar.work').first().waitFor()
    const beyond = await page.evaluate<readonly string[]>(`[
      ...[...document.querySelectorAll('.bar-text text')].map((one) => [one, one.parentElement.previousElementSibling]),
      ...[...document.querySelectorAll('.tick')].map((one) => [one, one.parentElement]),
    ].filter(([one, box]) => one.getBoundingClientRect().right > box.getBoundingClientRect().right)
      .map(([one]) => one.textContent)`)
    expect(beyond).toEqual([])
    const search = page.getByRole('button', { name: 'Search' })
    const [icon, other] = [search, page.getByRole('link', { name: 'Runs' })].map((one) => one.locator('svg'))
    expect((await icon!.boundingBox())!.y).toBe((await other!.boundingBox())!.y)
    await search.click()
    await page.getByLabel('Search runs, conversations and pages').fill('wherever-it-stands')
    const found = page.getByRole('button', { name: new RegExp(`^${name} .*waiting$`) })
    await found.waitFor()
    expect(await found.evaluate((one) => one.scrollWidth <= one.clientWidth)).toBe(true)
    await found.click()
    await page.locator('h1', { hasText: name }).waitFor()
    expect(await isTooWide(page)).toBe(false)
    for (const width of [390, 345]) {
      await page.setViewportSize({ width, height: 844 })
      const [nav, last] = [
        await page.locator('nav').boundingBox(),
        await page.locator('nav > :visible').last().boundingBox(),
      ]
      expect([width, last!.x + last!.width <= nav!.x + nav!.width]).toEqual([width, true])
    }
  })

  test('an approval is given on a phone', { timeout: LONG }, async () => {
    const { url, state, server } = used.world
    const { page } = await openPage(used.browser, { width: 390, height: 844, state })
    await page.goto(`${url}/ui/inbox`)
    await page.getByRole('heading', { name: 'Send this letter to 1,200 readers?' }).waitFor()
    const { id } = await server.client().runs.start({ source: { text: NEWSLETTER } })
    await page.locator('article', { hasText: id }).getByRole('button', { name: 'Approve', exact: true }).click()
    await page.locator('article', { hasText: id }).waitFor({ state: 'detached' })
    await until(async () => (await server.client().runs.get(id)).status === 'completed')
  })

  test('a key signs in, is nowhere in the page, and its end asks for another one', { timeout: LONG }, async () => {
    const server = openServer(onTestFinished)
    const url = await server.start(['serve', '--listen', '0'], /It answers at (\S+)\. /)
    const client = server.client()
    const makeKey = () => client.access.keys.create({ name: 'page', owner: 'local', scopes: ['admin'] })
    const { id: first, token } = await makeKey()
    const { page, faults } = await openPage(used.browser)
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
    await page.getByRole('button', { name: 'waiting' }).click()
    await page.waitForURL(/status=waiting/)
    const { token: next } = await makeKey()
    await client.access.keys.revoke(first)
    // the page asks by itself: its stream ends within 15 s of the key
    await page.getByLabel('API key').waitFor()
    await page.getByLabel('API key').fill(next)
    await page.getByRole('button', { name: 'Sign in' }).click()
    await page.getByText('No run fits these filters.').waitFor()
    expect(new URL(page.url()).search).toContain('status=waiting')
    for (const view of viewsOf({})) {
      await openView(page, view)
      expect([view, (await page.content()).includes(next)]).toEqual([view, false])
    }
    const traces = server.traces()
    expect([first, token, next].map((one) => traces.includes(one))).toEqual([true, false, false])
    expect(faults).toEqual([])
  })

  test('keys alone do a whole journey', { timeout: LONG }, async () => {
    const { url, state, server } = used.world
    const { page, faults } = await openPage(used.browser, { state })
    await page.goto(`${url}/ui/`)
    await page.locator('h1').waitFor()
    await page.keyboard.press('Control+k')
    await page.keyboard.type('import-orders')
    await page
      .getByRole('button', { name: /^import-orders .* completed$/ })
      .first()
      .waitFor()
    await page.keyboard.press('Escape')
    await page.keyboard.press('Control+k')
    await page.keyboard.type('hours')
    await page.getByRole('button', { name: /^hours completed$/ }).waitFor()
    await page.keyboard.press('Control+a')
    await page.keyboard.type('who answered')
    await page.getByRole('button', { name: 'Audit' }).waitFor()
    await page.keyboard.press('Escape')
    await page.keyboard.press('Control+k')
    await page.keyboard.type('Failed')
    await page.keyboard.press('Enter')
    await page
      .getByRole('link', { name: /import-orders/ })
      .first()
      .waitFor()
    const at = (await page.locator('.run-rows .row:not(.head) .name').allTextContents()).indexOf('import-orders')
    for (let row = 0; row <= at; row++) await page.keyboard.press('j')
    await page.keyboard.press('Enter')
    await page.locator('h1', { hasText: 'import-orders' }).waitFor()
    await page.locator('.lines .lane').first().waitFor()
    await page.keyboard.press('j')
    await page.keyboard.press('j')
    await page.locator('.drawer').getByText('missing.log').first().waitFor()
    await page.keyboard.press('Escape')
    await page.locator('.drawer').waitFor({ state: 'detached' })
    // the focus goes back to the step when its drawer closes
    const step = page.getByRole('button', { name: /load/ })
    await step.press('Enter')
    await page.getByRole('button', { name: 'Close the step' }).press('Enter')
    await page.locator('.drawer').waitFor({ state: 'detached' })
    expect(await page.evaluate('document.activeElement.textContent')).toContain('load')
    await page.keyboard.press('?')
    await page.getByText('filter the list').waitFor()
    await page.keyboard.press('Escape')
    // an approval, from the inbox; keys that come before the next paint reach the field
    const { id } = await server.client().runs.start({ source: { text: NEWSLETTER } })
    const field = await page.evaluate(`(async () => {
      dispatchEvent(new KeyboardEvent('keydown', { key: 'k', ctrlKey: true }))
      for (let turn = 0; turn < 10; turn++) await undefined
      return document.activeElement.ariaLabel
    })()`)
    expect(field).toBe('Search runs, conversations and pages')
    await page.keyboard.type('Inbox')
    await page.keyboard.press('Enter')
    await page.locator('article', { hasText: id }).waitFor()
    const focused = () =>
      page.evaluate<string>(
        `(document.activeElement.closest('article')?.innerText ?? '').includes('${id}') && document.activeElement.innerText`,
      )
    for (let tabs = 0; (await focused()) !== 'Approve'; tabs++) {
      expect(tabs).toBeLessThan(80)
      await page.keyboard.press('Tab')
    }
    await page.keyboard.press('Enter')
    await page.locator('article', { hasText: id }).waitFor({ state: 'detached' })
    // the focus goes to the item in its place
    await expect
      .poll(() => page.evaluate('document.activeElement.matches(".items > li:last-child > article")'))
      .toBe(true)
    await until(async () => (await server.client().runs.get(id)).status === 'completed')
    expect(faults).toEqual([])
  })

  test('failed, unknown and outdated look different; a view that throws leaves the others standing', {
    timeout: LONG,
  }, async () => {
    const { url, state } = used.world
    const { page } = await openPage(used.browser, { state })
    const answer = (body: object, status = 200) => ({
      status,
      headers: {
        'content-type': status === 200 ? 'application/json' : 'application/problem+json',
        'x-request-id': 'request-17',
      },
      body: JSON.stringify(body),
    })
    const full = {
      name: 'StorageError',
      status: 507,
      code: 'storage_full',
      detail: 'The disk is full.',
      hint: 'Make room.',
    }
    await page.route('**/ui/build', (route) => route.fulfill({ body: 'newer' }))
    await page.route('**/v1/runs?*', (route) => route.fulfill(answer(full, 507)))
    // a change that the feed tells would read the list before the click does
    await page.route('**/v1/feed*', (route) => route.abort())
    await page.goto(`${url}/ui/runs`)
    const box = page.locator('main .failed-box')
    await box.getByText('The disk is full.').waitFor()
    expect(await box.innerText()).toMatch(/Make room\.\s+storage_full · request request-17 · Try again/)
    await page.unroute('**/v1/runs?*')
    await box.getByRole('button', { name: 'Try again' }).click()
    await page.locator('.run-rows .row:not(.head)').first().waitFor()
    expect(await box.count()).toBe(0)
    await page.unroute('**/v1/feed*')
    // the server has newer pages, and a click brings them
    await page.getByText('The server has newer pages.').waitFor()
    await page.unroute('**/ui/build')
    await page.getByRole('button', { name: 'Reload' }).click()
    await page.getByText('The server has newer pages.').waitFor({ state: 'detached' })
    await page.locator('.run-rows .row:not(.head)').first().waitFor()
    // a page whose part does not come
    await page.route('**/ui/part-*', (route) => route.abort())
    await page.goto(`${url}/ui/machine`)
    await box.getByText('This page did not load.').waitFor()
    await page.unroute('**/ui/part-*')
    await box.getByRole('button', { name: 'Try again' }).click()
    await page.getByText('has places').first().waitFor()
    // a view that throws
    await page.route('**/v1/tree*', (route) => route.fulfill(answer({ items: [null] })))
    await openView(page, 'machine?view=tree')
    expect(await box.innerText()).toMatch(/Cannot .*null/)
    await page.getByRole('tab', { name: 'Pools' }).click()
    await page.getByText('has places').first().waitFor()
    for (const [view, said] of [
      ['runs/none', 'There is no run none.All runs'],
      ['threads/none', 'There is no conversation none.All conversations'],
      ['goals/none', 'There is no goal none.All agents'],
      ['memory/none', 'There is no record none.All records'],
      ['nowhere', 'There is no page at this address.Go home'],
    ] as const) {
      await openView(page, view)
      expect([view, await page.locator('main .empty').textContent()]).toEqual([view, said])
    }
  })

  test('hostile text in every name, input, result, error and answer runs nowhere, and asks no other origin', {
    timeout: LONG,
  }, async () => {
    const { url, state, server, harbour } = used.world
    const client = server.client()
    const word = `${'x'.repeat(1_000_000)}${EVIL}`
    const start = (given: string) => client.runs.start({ source: { text: HOSTILE }, inputs: { word: given } })
    const [{ id }, { id: long }] = await Promise.all([start(EVIL), start(word)])
    await client.memory.add({ records: [{ text: EVIL, subject: EVIL, space: '<b>x' }] })
    const { id: key } = await client.access.keys.create({ name: EVIL.slice(0, 64), owner: 'eve', scopes: ['read'] })
    await client.conversations.send({ conversation: 'evil', agent: 'desk', text: `hostile ${EVIL}` })
    for (const run of [id, long]) await until(async () => (await client.inbox.list({ run })).length === 1)
    await client.agents.put('clerk', { description: EVIL, instructions: 'Go.' })
    await client.pipelines.put('letter', { text: LETTER })
    await client.schedules.put('letters', { every: '9h', pipeline: 'letter' })
    const [goal] = await client.goals.list({ limit: 1 })
    const { page, faults, asked } = await openPage(used.browser, { state })
    await page.goto(`${url}/ui/runs/${long}?step=say`)
    // a long value is cut, until all of it is asked for
    const value = page.locator('.drawer .text-box', { hasText: 'Download' }).first()
    const shown = async () => (await value.locator('pre').textContent())!
    expect((await shown()).length).toBe(256 * 1024)
    await value.getByRole('button', { name: /^Show all 97\d KiB$/ }).click()
    await until(async () => (await shown()).includes('onerror'))
    const [download] = await Promise.all([
      page.waitForEvent('download'),
      value.getByRole('button', { name: 'Download' }).click(),
    ])
    expect(download.suggestedFilename()).toMatch(/\.txt$/)
    expect(await isTooWide(page)).toBe(false)
    for (const view of ['runs/<img src=x onerror=hacked=1>', '<script>hacked=1</script>']) {
      await openView(page, view)
      expect(await page.locator('main .empty').innerText()).toMatch(/^There is no /)
    }
    // whatever the server says, in each place
    await page.route(
      (address) => address.pathname.startsWith('/v1/') && !/\/(feed|events)$/.test(address.pathname),
      async (route) => {
        const response = await route.fetch()
        const body = await response.text()
        const isMachine = /\/(pools|models|tree|actors|deadletters)$/.test(new URL(route.request().url()).pathname)
        const said = isMachine && body === '{"items":[]}' ? DEAD : body
        const evil = () => JSON.stringify(poisoned(JSON.parse(said), isMachine ? TYPES : KEPT))
        await route.fulfill({ response, body: said.startsWith('{') ? evil() : said })
      },
    )
    const ofTest = { test: harbour, case: `says when it opens ${EVIL}` }
    const views = viewsOf({ run: id, step: 'say', thread: 'evil', goal: goal!.id, ...ofTest }).map((view) =>
      view.replace('actors', 'actors&status=waiting'),
    )
    const wide: string[] = []
    for (const view of [...views, 'runs?text=none']) {
      await openView(page, view)
      expect([view, await page.evaluate(() => 'hacked' in globalThis)]).toEqual([view, false])
      const live = page.locator('main img, main script, main iframe, main a[href^="javascript"]')
      expect([view, await live.count()]).toEqual([view, 0])
      for (const width of [390, 1440]) {
        await page.setViewportSize({ width, height: 900 })
        if (await isTooWide(page)) wide.push(`${view} at ${width}`)
      }
      const says = () => page.locator('main').innerText()
      if (!CLEAN.includes(view)) await expect.poll(says, { message: view }).toMatch(/onerror|hacked/)
      else expect([view, await says()]).toEqual([view, expect.not.stringMatching(/onerror|hacked/)])
    }
    expect(wide).toEqual([])
    expect([faults, [...asked]]).toEqual([[], [url]])
    await client.access.keys.revoke(key)
  })
})

/** Views that show no text of a server. */
const CLEAN = ['start?kind=text', 'runs?text=none']

const TYPES = /^(status|type|kind|cursor|default|.*_at|.*At)$/
/** Fields that say which thing is meant, or how it is shown. */
const KEPT = new RegExp(`${TYPES.source}|^(id|run|step|goal|thread|conversation|ask|signal|of|ref|file|test)$`)
const DEAD = JSON.stringify({
  items: [{ id: 'd1', at: 0, to: 'run/r', type: 'go', problem: { code: 'internal', message: 'no' } }],
})

/** An answer with hostile text behind each of its texts, without those in the fields that are kept. */
function poisoned(value: unknown, kept: RegExp, name = ''): unknown {
  if (typeof value === 'string') return kept.test(name) ? value : `${value} ${EVIL}`
  if (Array.isArray(value)) return value.map((one) => poisoned(one, kept, name))
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(Object.entries(value).map(([key, one]) => [key, poisoned(one, kept, key)]))
}

const serve = (server: TestServer, port = '0') =>
  server.start(['serve', '--listen', port, '--no-auth'], /It answers at (\S+)\. /)

const isTooWide = (page: Page) => page.evaluate('document.documentElement.scrollWidth > innerWidth')

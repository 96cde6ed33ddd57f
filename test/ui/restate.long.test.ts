import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest'
import { buildPages } from '../../build/ui.ts'
import { until } from '../../src/testing/index.ts'
import { describeOnRestate, useRestate } from '../engine/restate/server.ts'
import { chromiumPath, openBrowser, openPage } from './browser.ts'
import { NEWSLETTER, ORDERS } from './pipelines.ts'
import { openServer } from './server.ts'

describe.skipIf(chromiumPath === undefined)('in Chromium (apt-get install chromium)', () => {
  describeOnRestate('the dashboard of a server on Restate', () => {
    const restate = useRestate()
    const opening = openBrowser()
    beforeAll(() => buildPages())
    afterAll(async () => (await opening).close())

    test('shows a run live, answers its approval, and each page says what it has', async () => {
      const server = openServer(onTestFinished)
      const words = ['serve', '--listen', '0', '--no-auth', '--restate', restate.now().admin]
      const url = await server.start(words, /It answers at (\S+)\. /)
      const client = server.client()
      const { id: failing } = await client.runs.start({ source: { text: ORDERS } })
      const { page, faults, asked } = await openPage(await opening)
      await page.goto(`${url}/ui/`)
      const section = (title: string) => page.locator('section', { hasText: title })
      await section('Failed in the last day').getByText('File not found: missing.log').first().waitFor()
      // the list follows what begins now
      const { id } = await client.runs.start({ source: { text: NEWSLETTER } })
      await section('Needs you').getByText('Send this letter to 1,200 readers?').waitFor()
      await section('Stands still').getByText('step approve waits for an answer').waitFor()
      await page.goto(`${url}/ui/runs/${id}`)
      await page.getByRole('button', { name: 'Approve', exact: true }).click()
      await page.locator('h1').getByText('completed').waitFor()
      await page.goto(`${url}/ui/runs?text=missing.log`)
      await page.getByRole('link', { name: /import-orders/ }).waitFor()
      expect(await page.locator('.run-rows .row:not(.head)').count()).toBe(1)
      const shown: { [path: string]: string } = {}
      for (const path of PAGES(failing)) {
        await page.goto(`${url}/ui/${path}`)
        await page.locator('main h1').waitFor()
        await until(async () => (await page.locator('.loading').count()) === 0)
        const failed = page.locator('.failed-box')
        if ((await failed.count()) > 0) shown[path] = await failed.locator('code').first().innerText()
      }
      // nodes share a memory by its address, and this server has none
      expect(shown).toEqual({ memory: 'memory_not_shared' })
      expect([faults, [...asked]]).toEqual([[], [url]])
    })
  })
})

const PAGES = (run: string) => [
  '',
  'inbox',
  `runs/${run}?step=load`,
  `runs/${run}?view=graph`,
  `runs/${run}?view=events`,
  `runs/${run}?view=source`,
  'threads',
  'agents',
  'start',
  'money',
  'memory',
  ...['pools', 'load', 'schedules', 'letters', 'models', 'budgets', 'actors', 'tree', 'keys', 'audit', 'cache'].map(
    (view) => `machine?view=${view}`,
  ),
]

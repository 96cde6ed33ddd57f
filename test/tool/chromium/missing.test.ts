import { expect, onTestFinished, test, vi } from 'vitest'
import { PACKAGES } from '../../../src/lib/package/packages.ts'
import { loadPlaywright } from '../../../src/tool/chromium/browser.ts'

test('without Playwright the error says how to get it', async () => {
  onTestFinished(() => void vi.doUnmock('playwright-core'))
  vi.doMock('playwright-core', () => {
    throw new Error('Cannot find package')
  })
  await expect(loadPlaywright()).rejects.toMatchObject({
    code: 'peer_missing',
    hint: `npm install "playwright-core@${PACKAGES['playwright-core']}"`,
  })
})

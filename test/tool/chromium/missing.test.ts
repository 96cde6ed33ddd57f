import { expect, onTestFinished, test, vi } from 'vitest'
import manifest from '../../../package.json' with { type: 'json' }
import { loadPlaywright } from '../../../src/tool/chromium/browser.ts'

test('without Playwright the error says how to get it', async () => {
  onTestFinished(() => void vi.doUnmock('playwright-core'))
  vi.doMock('playwright-core', () => {
    throw new Error('Cannot find package')
  })
  await expect(loadPlaywright()).rejects.toMatchObject({
    code: 'peer_missing',
    hint: `npm install "playwright-core@${manifest.peerDependencies['playwright-core']}"`,
  })
})

import { is } from '../../../src/errors.ts'
import { loadPlaywright } from '../../../src/tool/chromium/browser.ts'
import { findBrowserHost } from '../../../src/tool/chromium/host.ts'

/** Why the tests that need Chromium are skipped; undefined: they are not. */
export const chromiumGap: string | undefined = await findBrowserHost()
  .then(async () => void (await loadPlaywright()))
  .catch((error) => {
    if (is(error)) return error.message
    throw error
  })

/** The name of a suite, which says why it is skipped. */
export const withGap = (name: string, gap: string | undefined = chromiumGap) =>
  gap === undefined ? name : `${name} (skipped: ${gap})`

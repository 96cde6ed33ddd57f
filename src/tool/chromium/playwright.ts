import { TerminalError } from '../../errors.ts'

/** Loads Playwright at first use; TerminalError `peer_missing` where it is not installed. */
export async function loadPlaywright(): Promise<typeof import('playwright-core')> {
  try {
    return await import('playwright-core')
  } catch (cause) {
    throw new TerminalError('Chromium needs the package playwright-core, which is not installed', {
      code: 'peer_missing',
      hint: 'npm install playwright-core@1.65.1',
      cause,
    })
  }
}

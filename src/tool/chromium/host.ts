import { TerminalError } from '../../errors.ts'
import { bubblewrap } from '../../sandbox/bubblewrap.ts'
import { installHint } from '../../sandbox/install-hint.ts'
import { none } from '../../sandbox/none.ts'
import { findProgram } from '../../sandbox/process/find-program.ts'
import type { SandboxGap, SandboxProvider } from '../../sandbox/sandbox.ts'
import { runsAsRoot } from '../../sandbox/scratch/owner.ts'

/** Where Chromium runs, and its program there. */
export type BrowserHost = {
  readonly provider: SandboxProvider
  /** it keeps its pages apart by its own sandbox, since there is no other */
  readonly ownSandbox: boolean
  readonly program: string
}

/** Bubblewrap if it works, or Chromium itself, but not for root. TerminalError `sandbox_missing|browser_missing`. */
export async function findBrowserHost(): Promise<BrowserHost> {
  const gap = await bubblewrap.check()
  if (gap && runsAsRoot()) throw refusedForRoot(gap)
  const program = await findChromium(gap === undefined ? SYSTEM : ANYWHERE)
  return { provider: gap ? none : bubblewrap, ownSandbox: gap !== undefined, program }
}

/** The error for root, who gets Chromium in bubblewrap only. */
export function refusedForRoot({ reason, hint }: SandboxGap): TerminalError {
  return new TerminalError(`Chromium runs as root only in bubblewrap, and ${reason}`, {
    code: 'sandbox_missing',
    hint: `${hint} Or run antiphon as a user other than root.`,
  })
}

type Search = { readonly path: string; readonly names: readonly string[] }

/** Bubblewrap shows the system's programs. */
const SYSTEM: Search = { path: '/usr/local/bin:/usr/bin:/bin', names: ['chromium', 'chromium-browser'] }
const ANYWHERE: Search = {
  path: process.env.PATH ?? SYSTEM.path,
  names: [
    ...SYSTEM.names,
    'google-chrome-stable',
    'google-chrome',
    '/Applications/Chromium.app/Contents/MacOS/Chromium',
    '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
  ],
}

/** The path of the program. TerminalError `browser_missing`, with the command that installs it. */
export async function findChromium({ path, names }: Search): Promise<string> {
  for (const name of names) {
    const found = await findProgram(name, '/', path)
    if (found !== undefined) return found
  }
  throw new TerminalError('Chromium is not installed.', {
    code: 'browser_missing',
    hint: await installHint('chromium'),
  })
}

import type { Readable } from 'node:stream'
import { setTimeout } from 'node:timers/promises'
import type { Browser } from 'playwright-core'
import { CancelledError, is, RetryableError, TerminalError, TimeoutError } from '../../errors.ts'
import { present } from '../../lib/json/present.ts'
import { missingPackage } from '../../lib/package/manifest.ts'
import { SANDBOX_PROXY_URL } from '../../sandbox/forward.ts'
import type { Talk } from '../../sandbox/process/run-process.ts'
import type { Execution, Sandbox, SandboxLimits } from '../../sandbox/sandbox.ts'
import { createFilteringProxy, type FilteringProxy } from '../../web/filtering-proxy.ts'
import { createHostSlots } from '../../web/host-slots.ts'
import type { Web } from '../../web/request.ts'
import { chromiumArguments } from './arguments.ts'
import { type BrowserHost, findBrowserHost } from './host.ts'
import { type BrowserPipe, browserPipe } from './pipe.ts'

export type OpenBrowser = {
  readonly browser: Browser
  /** absent: it has no network */
  readonly proxy?: FilteringProxy
  /** the proxy with the login that its contexts need; absent: they need none */
  readonly login?: ProxyLogin
  /** its sandbox: bubblewrap, or Chromium's own */
  readonly sandbox: string
}

export type ProxyLogin = { readonly server: string; readonly username: string; readonly password: string }

type BrowserTerms = {
  /** the proxy for all its requests; absent: no network */
  readonly web?: Web
  /** ms */
  readonly timeout: number
  readonly signal: AbortSignal
}

/** Maximum concurrent browsers in this process; further ones wait. */
const MAX_BROWSERS = 2
/** Bytes of all responses to one browser. */
const MAX_BROWSER_BYTES = 50_000_000

const MB = 1024 * 1024
const LIMITS: Omit<SandboxLimits, 'seconds'> = { memory: 2048 * MB, processes: 1024, disk: 512 * MB, files: 10_000 }

/** ms until a browser whose page is gone counts as running. */
const CRASH_MS = 1000

const browsers = createHostSlots(MAX_BROWSERS)

/**
 * Runs a Chromium while `use` does. Each task has its own browser, so nothing passes from one page to the next, and
 * nothing remains when this ends. TerminalError `browser_missing`, `sandbox_missing` or `peer_missing` if none can run.
 */
export function withBrowser<T>(terms: BrowserTerms, use: (open: OpenBrowser) => Promise<T>): Promise<T> {
  return browsers.use('chromium', terms.signal, async () => {
    await loadPlaywright()
    const host = await findBrowserHost()
    const proxy = terms.web && createFilteringProxy(terms.web, MAX_BROWSER_BYTES)
    try {
      const result = await runBrowser(host, proxy, terms, use).catch((error) => {
        throw proxy?.exceeded() ?? error
      })
      // a page whose last part is cut off looks whole
      if (proxy?.exceeded()) throw proxy.exceeded()
      return result
    } finally {
      await proxy?.close()
    }
  })
}

async function runBrowser<T>(
  host: BrowserHost,
  proxy: FilteringProxy | undefined,
  terms: BrowserTerms,
  use: (open: OpenBrowser) => Promise<T>,
): Promise<T> {
  const limits = { ...LIMITS, seconds: terms.timeout / 1000 }
  const { ownSandbox } = host
  const listen = async (socket: string) => void (await proxy?.listen(socket))
  const sandbox = await host.provider.open({ limits, ...(proxy && !ownSandbox && { proxy: listen }) })
  try {
    const login = ownSandbox && proxy ? loginOf(new URL(await proxy.listen())) : undefined
    const started = start(host, sandbox, proxy && (login?.server ?? SANDBOX_PROXY_URL), terms)
    try {
      const browser = await Promise.race([started.connected, started.failed])
      const open = { browser, ...present({ proxy, login }), sandbox: ownSandbox ? 'chromium' : sandbox.name }
      return await Promise.race([use(open), started.failed])
    } catch (error) {
      throw await started.explain(error)
    } finally {
      await started.end()
    }
  } finally {
    await sandbox.close()
  }
}

const loginOf = ({ origin, username, password }: URL): ProxyLogin => ({ server: origin, username, password })

/** Chromium reads its descriptor 3 and writes its descriptor 4; what it prints goes to its errors. */
const PIPED = ['/bin/sh', '-c', 'exec 3<&0 4>&1 </dev/null 1>&2; exec "$@"', 'sh'] as const

function start(host: BrowserHost, sandbox: Sandbox, proxy: string | undefined, terms: BrowserTerms) {
  const ending = new AbortController()
  const late = AbortSignal.timeout(Math.ceil(terms.timeout))
  const streams = Promise.withResolvers<Parameters<Talk>[0]>()
  const profile = `${sandbox.folder}/profile`
  const flags = chromiumArguments({ profile, ownSandbox: host.ownSandbox, ...(proxy !== undefined && { proxy }) })
  const ended = sandbox.run([...PIPED, host.program, ...flags], {
    signal: AbortSignal.any([terms.signal, late, ending.signal]),
    talk: streams.resolve,
  })
  const end = () => ending.abort()
  const complaint = streams.promise.then(({ stderr }) => lastLineOf(stderr))
  const isOver = () => terms.signal.aborted || late.aborted
  const why = async (execution: Execution) => (isOver() ? lateOrCancelled(terms) : endOf(execution, await complaint))
  const failed = ended.then(async (execution) => {
    throw await why(execution)
  })
  failed.catch(() => {})
  return {
    connected: streams.promise.then(({ stdin, stdout }) => connect(browserPipe(stdin, stdout, end))),
    failed,
    /** All calls to a browser that has ended fail; the error says why it ended. */
    async explain(error: unknown): Promise<unknown> {
      // the end of the browser also breaks its requests, and one of them may fail first
      if (isOver()) return lateOrCancelled(terms)
      if (is(error) || !/closed|disconnected|crashed/i.test(String(error))) return error
      const gone = await Promise.race([ended, setTimeout(CRASH_MS, undefined, { ref: false })])
      return gone ? why(gone) : new RetryableError('The page crashed.', { code: 'browser_failed' })
    },
    async end() {
      end()
      await ended
    },
  }
}

async function lastLineOf(stderr: Readable): Promise<string> {
  let tail = ''
  stderr.setEncoding('utf8').on('data', (chunk: string) => {
    tail = (tail + chunk).slice(-2000)
  })
  // a browser that was killed closes its streams without their end
  await new Promise((resolve) => stderr.once('close', resolve).once('error', resolve))
  return tail.trimEnd().split('\n').at(-1)!.slice(0, 300)
}

async function connect(pipe: BrowserPipe): Promise<Browser> {
  const { chromium } = await loadPlaywright()
  // without a folder, Playwright makes one that a killed process leaves behind; nothing here is saved by the browser
  return chromium.connectOverCDP(pipe, { artifactsDir: '/dev/null/none', noDefaults: true, timeout: 0 })
}

function lateOrCancelled({ signal, timeout }: BrowserTerms): Error {
  if (signal.aborted)
    return is(signal.reason) ? (signal.reason as Error) : new CancelledError('The page was cancelled.')
  return new TimeoutError(`Chromium took longer than ${Math.round(timeout / 1000)} s.`)
}

function endOf({ ended, limit, code }: Execution, complaint: string): Error {
  if (ended === 'limit')
    return new TerminalError(`Chromium used more than its limit of ${limit}.`, { code: 'sandbox_limit' })
  return new RetryableError(`Chromium ended with ${code}${complaint === '' ? '' : `: ${complaint}`}`, {
    code: 'browser_failed',
  })
}

/** Loads Playwright at first use; TerminalError `peer_missing` where it is not installed. */
export const loadPlaywright = (): Promise<typeof import('playwright-core')> =>
  import('playwright-core').catch((cause) => {
    const message = 'Chromium needs the package playwright-core, which is not installed.'
    throw new TerminalError(message, missingPackage('playwright-core', cause))
  })

import { execFile } from 'node:child_process'
import { lstat, readlink } from 'node:fs/promises'
import { promisify } from 'node:util'
import { InvalidError } from '../../errors.ts'
import { forwarded } from '../forward.ts'
import { findProgram } from '../process/find-program.ts'
import { HANDED_DESCRIPTOR } from '../process/run-process.ts'
import type { SandboxLimits } from '../sandbox.ts'
import { NOBODY, runsAsRoot } from '../scratch/owner.ts'
import { type BubblewrapView, bubblewrapOptions, withProcessLimits } from './arguments.ts'
import { GATE, gated } from './gate.ts'

export const SYSTEM_PATH = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin'
const SYSTEM = [
  '/usr',
  '/etc/alternatives',
  '/etc/ld.so.cache',
  '/etc/ld.so.conf',
  '/etc/ld.so.conf.d',
  '/etc/fonts',
  '/etc/localtime',
  '/etc/chromium',
  '/etc/chromium.d',
  '/etc/ssl/certs',
  '/etc/ca-certificates',
]
const ROOT_LINKS = ['/bin', '/sbin', '/lib', '/lib64', '/lib32']

export type Shown = Pick<BubblewrapView, 'home' | 'mounts' | 'proxy'> & { readonly limits: SandboxLimits }

/** The command of a sandbox: its environment, its first folder, and how many open folders it copies first. */
type ShownCommand = {
  readonly words: readonly string[]
  readonly environment: { readonly [name: string]: string }
  readonly folder: string
  readonly sources: number
}

/** The command line, and the options that bubblewrap reads elsewhere. */
export async function bubblewrapCommand(
  { home, limits, mounts, proxy }: Shown,
  { words, environment, folder, sources }: ShownCommand,
) {
  const view: BubblewrapView = {
    home,
    disk: limits.disk,
    mounts,
    ...(await systemView()),
    temporary: Math.floor(limits.memory / 4),
    environment: { PATH: SYSTEM_PATH, HOME: home, LANG: 'C.UTF-8', TMPDIR: '/tmp', ...environment },
    folder,
    ...(proxy && { proxy }),
  }
  const { setpriv, bwrap, prlimit } = await programs()
  const asNobody = runsAsRoot() ? [setpriv!, ...AS_NOBODY] : []
  const limited = withProcessLimits(prlimit!, limits, words)
  // Node.js reserves more memory than it uses; the limits of all processes together hold for it
  const bounded = proxy ? forwarded(limited) : limited
  const waiting = gated(bounded, home, sources)
  const [first, ...rest] = [...asNobody, bwrap!, '--args', String(HANDED_DESCRIPTOR), '--', ...waiting]
  const options = ['--info-fd', String(GATE.info), ...bubblewrapOptions(view)]
  return { words: [first!, ...rest] as const, options: handedOver(options) }
}

/** Options as bubblewrap reads them, which a NUL ends. */
function handedOver(options: readonly string[]): string {
  if (options.some((option) => option.includes('\0')))
    throw new InvalidError('Expected paths and variables without NUL characters.')
  return options.join('\0')
}

const AS_NOBODY = [`--reuid=${NOBODY}`, `--regid=${NOBODY}`, '--clear-groups', '--']

/** The required programs, by path; an absent one is undefined. */
async function programs() {
  const find = (name: string) => findProgram(name, '/', SYSTEM_PATH)
  const [bwrap, prlimit, setpriv] = await Promise.all([find('bwrap'), find('prlimit'), find('setpriv')])
  return { bwrap, prlimit, setpriv }
}

/** /usr and the folders that belong to it; /bin and others are links on some systems and folders on others. */
async function systemView(): Promise<Pick<BubblewrapView, 'system' | 'links'>> {
  const roots = await Promise.all(
    ROOT_LINKS.map(async (path) => {
      const found = await lstat(path).catch(() => undefined)
      return found?.isSymbolicLink() ? { link: [path, await readlink(path)] as const } : found ? { folder: path } : {}
    }),
  )
  return {
    system: [...SYSTEM, ...roots.flatMap(({ folder }) => folder ?? [])],
    links: roots.flatMap(({ link }) => (link ? [link] : [])),
  }
}

/** Runs `true` in a sandbox as the user of commands. Undefined if that works, else the output of the programs. */
export async function probe() {
  const found = await programs()
  const missing = Object.entries(found).find(
    ([name, path]) => path === undefined && (name !== 'setpriv' || runsAsRoot()),
  )
  if (missing) return { missing: missing[0] }
  const view = {
    home: '/work',
    disk: 1_000_000,
    mounts: [],
    ...(await systemView()),
    temporary: 1_000_000,
    environment: {},
    folder: '/',
  }
  const words = [
    ...(runsAsRoot() ? [found.setpriv!, ...AS_NOBODY] : []),
    found.bwrap!,
    ...bubblewrapOptions(view),
    ...['--', 'true'],
  ]
  return promisify(execFile)(words[0]!, words.slice(1), { timeout: 10_000, env: { PATH: SYSTEM_PATH } }).then(
    () => undefined,
    (error: { readonly stderr?: string; readonly message: string }) => ({
      refused: error.stderr?.trim() || error.message,
    }),
  )
}

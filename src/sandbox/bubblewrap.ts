import { execFile } from 'node:child_process'
import { lstat, readlink } from 'node:fs/promises'
import { promisify } from 'node:util'
import { InvalidError } from '../errors.ts'
import { checkMounts } from './barred.ts'
import {
  type BubblewrapView,
  bubblewrapOptions,
  type ProxyView,
  scratchPath,
  withProcessLimits,
} from './bubblewrap-arguments.ts'
import { bubblewrapGap } from './bubblewrap-gap.ts'
import { createCgroup } from './cgroup.ts'
import { executionOf } from './execution.ts'
import { forwarded, openProxy } from './forward.ts'
import { findProgram } from './process/find-program.ts'
import { HANDED_DESCRIPTOR, runProcess } from './process/run-process.ts'
import type {
  Execution,
  Mount,
  OpenSandboxOptions,
  RunCommandOptions,
  Sandbox,
  SandboxLimits,
  SandboxProvider,
} from './sandbox.ts'
import { createScratch, NOBODY, runsAsRoot, type Scratch } from './scratch.ts'
import { createWatchdog } from './watchdog.ts'

/** Sandboxes by bubblewrap, on Linux. All namespaces are new. If this process runs as root, commands run as nobody. */
export const bubblewrap: SandboxProvider = {
  name: 'bubblewrap',
  check: () => bubblewrapGap(() => probe()),
  async open(options) {
    await checkMounts(options.mounts ?? [])
    const scratch = await createScratch()
    try {
      return sandboxIn(scratch, options, options.proxy && (await openProxy(scratch, options.proxy)))
    } catch (error) {
      await scratch.remove()
      throw error
    }
  },
}

const SYSTEM_PATH = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin'
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

function sandboxIn(scratch: Scratch, { limits, mounts = [] }: OpenSandboxOptions, proxy?: ProxyView): Sandbox {
  const home = scratchPath(mounts)
  const shown = { scratch, home, limits, mounts, ...(proxy && { proxy }) }
  return {
    name: 'bubblewrap',
    folder: home,
    run: (command, how = {}) => runIn(shown, command, how),
    write: scratch.write,
    read: scratch.read,
    list: scratch.list,
    close: scratch.remove,
  }
}

/** Seconds of processor time for a command that talks: more than it will ever need. */
const UNBOUNDED = 1_000_000_000

type Shown = {
  readonly scratch: Scratch
  /** the scratch folder as commands see it */
  readonly home: string
  readonly limits: SandboxLimits
  readonly mounts: readonly Mount[]
  readonly proxy?: ProxyView
}

async function runIn(
  shown: Shown,
  command: readonly [string, ...string[]],
  { signal, seconds, environment = {}, folder = shown.home, talk }: RunCommandOptions,
): Promise<Execution> {
  const { scratch, limits } = shown
  const bounded = talk ? { ...shown, limits: { ...limits, seconds: UNBOUNDED } } : shown
  const { words, options } = await wordsFor(bounded, command, { environment, folder })
  const cgroup = await createCgroup(limits)
  const watchdog = createWatchdog(scratch, limits, cgroup === undefined)
  try {
    const result = await runProcess({
      words: joining(cgroup?.joins ?? [], words),
      // all users of this machine can see a command line
      handed: options,
      folder: '/',
      environment: { PATH: SYSTEM_PATH },
      ...(talk ? { talk } : { timeout: Math.min(seconds ?? limits.seconds, limits.seconds) * 1000 }),
      signal: AbortSignal.any([watchdog.signal, ...(signal ? [signal] : [])]),
      isolated: true,
      started: watchdog.watch,
    })
    return executionOf(result, watchdog.exceeded() ?? (await cgroup?.exceeded()))
  } finally {
    watchdog.stop()
    await cgroup?.remove()
  }
}

/** Enters the cgroups and then becomes the program, so that all its work is bounded. */
function joining(joins: readonly string[], words: readonly [string, ...string[]]): readonly [string, ...string[]] {
  if (joins.length === 0) return words
  const script = 'while [ "$1" != -- ]; do echo $$ > "$1" || exit 125; shift; done; shift; exec "$@"'
  return ['/bin/sh', '-c', script, 'sh', ...joins, '--', ...words]
}

/** The command line, and the options that bubblewrap reads elsewhere. */
async function wordsFor(
  { scratch, home, limits, mounts, proxy }: Shown,
  command: readonly string[],
  { environment, folder }: Required<Pick<RunCommandOptions, 'environment' | 'folder'>>,
) {
  const view: BubblewrapView = {
    scratch: scratch.folder,
    home,
    mounts,
    ...(await systemView()),
    temporary: Math.floor(limits.memory / 4),
    environment: { PATH: SYSTEM_PATH, HOME: home, LANG: 'C.UTF-8', TMPDIR: '/tmp', ...environment },
    folder,
    ...(proxy && { proxy }),
  }
  const { setpriv, bwrap, prlimit } = await programs()
  const asNobody = runsAsRoot() ? [setpriv!, ...AS_NOBODY] : []
  const limited = withProcessLimits(prlimit!, limits, command)
  // Node.js reserves more memory than it uses; the limits of all processes together hold for it
  const bounded = proxy ? forwarded(limited) : limited
  const [first, ...rest] = [...asNobody, bwrap!, '--args', String(HANDED_DESCRIPTOR), '--', ...bounded]
  return { words: [first!, ...rest] as const, options: handedOver(bubblewrapOptions(view)) }
}

/** Options as bubblewrap reads them, which a NUL ends. */
function handedOver(options: readonly string[]): string {
  if (options.some((option) => option.includes('\0')))
    throw new InvalidError('expected paths and variables without NUL characters')
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

/** Runs `true` in a sandbox as the user that commands run as. Undefined if that works; otherwise the output of the programs. */
async function probe() {
  const found = await programs()
  const missing = Object.entries(found).find(
    ([name, path]) => path === undefined && (name !== 'setpriv' || runsAsRoot()),
  )
  if (missing) return { missing: missing[0] }
  const view = {
    scratch: '/tmp',
    home: '/work',
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

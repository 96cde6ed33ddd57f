import { constants } from 'node:os'
import { checkMounts } from './barred.ts'
import { scratchPath } from './bubblewrap/arguments.ts'
import { bubblewrapCommand, probe, type Shown, SYSTEM_PATH } from './bubblewrap/command.ts'
import { createDisk, type SandboxDisk } from './bubblewrap/disk.ts'
import { bubblewrapGap } from './bubblewrap/gap.ts'
import { passGate } from './bubblewrap/gate.ts'
import { type HeldFolders, holdFolders } from './bubblewrap/held.ts'
import { createCgroup } from './cgroup.ts'
import { executionOf } from './execution.ts'
import { openProxy } from './forward.ts'
import { type ProcessResult, runProcess } from './process/run-process.ts'
import type {
  Execution,
  LimitName,
  OpenSandboxOptions,
  RunCommandOptions,
  Sandbox,
  SandboxProvider,
} from './sandbox.ts'
import { createScratch, removeAbandonedScratch, type Scratch } from './scratch.ts'
import { createWatchdog } from './watchdog.ts'

/**
 * Sandboxes by bubblewrap, on Linux. All namespaces are new. If this process runs as root, commands run as nobody. All
 * folders that commands can write to are in memory and have a size, except mounts.
 */
export const bubblewrap: SandboxProvider = {
  name: 'bubblewrap',
  disk: 'sized',
  check: () => bubblewrapGap(() => probe()),
  async open(options) {
    await checkMounts(options.mounts ?? [])
    await removeAbandonedScratch()
    const hidden = options.proxy && (await createScratch())
    try {
      return sandboxIn(options, hidden, options.proxy && (await openProxy(hidden!, options.proxy)))
    } catch (error) {
      await hidden?.remove()
      throw error
    }
  },
}

/** `hidden` holds what only the sandbox itself needs. */
function sandboxIn(
  { limits, mounts = [] }: OpenSandboxOptions,
  hidden: Scratch | undefined,
  proxy: Shown['proxy'],
): Sandbox {
  const home = scratchPath(mounts)
  const disk = createDisk()
  const shown = { home, limits, mounts, ...(proxy && { proxy }) }
  return {
    name: 'bubblewrap',
    folder: home,
    run: (command, how = {}) => runIn(shown, disk, command, how),
    write: disk.write,
    read: disk.read,
    list: disk.list,
    async close() {
      await disk.close()
      await hidden?.remove()
    },
  }
}

/** Seconds of processor time for a command that talks: more than it will ever need. */
const UNBOUNDED = 1_000_000_000

async function runIn(
  shown: Shown,
  disk: SandboxDisk,
  command: readonly [string, ...string[]],
  { signal, seconds, environment = {}, folder = shown.home, talk }: RunCommandOptions,
): Promise<Execution> {
  const { limits } = shown
  const bounded = talk ? { ...shown, limits: { ...limits, seconds: UNBOUNDED } } : shown
  const sources = await disk.sources()
  const { words, options } = await bubblewrapCommand(bounded, {
    words: command,
    environment,
    folder,
    sources: sources.descriptors.length,
  })
  const cgroup = await createCgroup(limits)
  let held: HeldFolders | undefined
  const watchdog = createWatchdog(
    async () => (((await held?.usage())?.files ?? 0) > limits.files ? 'files' : undefined),
    limits,
    cgroup === undefined,
  )
  const hold = async (pid: number) => {
    held = await holdFolders(pid, writableFolders(shown))
    await disk.hold(held)
  }
  let passed: Promise<void> | undefined
  try {
    const result = await runProcess({
      words: joining(cgroup?.joins ?? [], words),
      // all users of this machine can see a command line
      handed: options,
      beside: ['pipe', 'pipe', ...sources.descriptors],
      folder: '/',
      environment: { PATH: SYSTEM_PATH },
      ...(talk ? { talk } : { timeout: Math.min(seconds ?? limits.seconds, limits.seconds) * 1000 }),
      signal: AbortSignal.any([watchdog.signal, ...(signal ? [signal] : [])]),
      isolated: true,
      started(pid, [info, gate]) {
        watchdog.watch(pid)
        passed = passGate(info!, gate!, hold)
        passed.catch(() => {})
      },
    })
    await passed
    return executionOf(
      result,
      watchdog.exceeded() ?? (await cgroup?.exceeded()) ?? (await fullDisk(shown, held, result)),
    )
  } finally {
    watchdog.stop()
    await sources.close()
    await cgroup?.remove()
  }
}

/** The folders in memory that commands can write to: a mount hides those that it covers. */
function writableFolders({ home, mounts }: Shown): readonly string[] {
  const isCovered = (folder: string) => mounts.some(({ path }) => path === '/' || `${folder}/`.startsWith(`${path}/`))
  return [home, ...['/tmp', '/dev/shm'].filter((folder) => !isCovered(folder))]
}

/** Whether a command met a full disk. Many programs remove unfinished output: then only their messages show it. */
async function fullDisk(
  { mounts }: Shown,
  held: HeldFolders | undefined,
  { code, stderr }: ProcessResult,
): Promise<LimitName | undefined> {
  if ((await held?.usage())?.isFull) return 'disk'
  // no file may grow larger than the disk, wherever it is
  if (code === 128 + constants.signals.SIGXFSZ || /file too large/i.test(stderr.text)) return 'disk'
  const isOurs = !mounts.some(({ write }) => write)
  return isOurs && /no space left on device/i.test(stderr.text) ? 'disk' : undefined
}

/** Enters the cgroups and then becomes the program, so that all its work is bounded. */
function joining(joins: readonly string[], words: readonly [string, ...string[]]): readonly [string, ...string[]] {
  if (joins.length === 0) return words
  const script = 'while [ "$1" != -- ]; do echo $$ > "$1" || exit 125; shift; done; shift; exec "$@"'
  return ['/bin/sh', '-c', script, 'sh', ...joins, '--', ...words]
}

import { realpath, stat } from 'node:fs/promises'
import { resolve } from 'node:path'
import type { Execution, Mount } from '../../../sandbox/sandbox.ts'
import { closedPaths, GUARDED_NAMES, hideAll, splitRoots, withoutClosed } from '../../roots.ts'
import { servicesOf, type ToolContext } from '../../tool.ts'
import { findGuarded, type GuardedEntries, removeNewGuarded, withoutFixed } from '../../writes/guarded-mounts.ts'

type SandboxedCommand = {
  readonly words: readonly [string, ...string[]]
  /** a real path in the roots */
  readonly folder: string
  readonly environment: { readonly [name: string]: string }
  /** seconds; absent: those of the configuration */
  readonly timeout: number | undefined
  /** whether it may change the roots */
  readonly write: boolean
}

/** Runs a command in a sandbox that shows the call's roots at their paths. Names the sandbox and its seconds. */
export async function runSandboxed(
  command: SandboxedCommand,
  context: ToolContext,
): Promise<{ readonly execution: Execution; readonly sandbox: string; readonly timeout: number }> {
  const sandboxes = await servicesOf(context).sandboxes()
  const { timeout = sandboxes.limits.seconds } = command
  const { fixed } = splitRoots(context.roots)
  const mounts = withoutFixed(await mountsOf(context, command.write), fixed)
  const isGuarded = command.write && context.roots.includes(GUARDED_NAMES)
  const guarded: GuardedEntries = isGuarded ? await findGuarded(mounts, fixed) : new Map()
  const guardedPaths = (isNamed: boolean) =>
    [...guarded].filter(([, entry]) => entry.isNamed === isNamed).map(([path]) => path)
  const sandbox = await sandboxes.open({
    // hide entries by name; the command can only read the others
    mounts: [...mounts, ...(await hideAll(guardedPaths(true))), ...guardedPaths(false).map((path) => ({ path }))],
    limits: { ...sandboxes.limits, seconds: timeout },
  })
  try {
    const { words, folder, environment } = command
    const execution = await sandbox.run(words, { folder, environment, signal: context.signal })
    if (isGuarded) await removeNewGuarded(mounts, guarded, fixed)
    return { execution, sandbox: sandbox.name, timeout }
  } finally {
    await sandbox.close()
  }
}

/** The roots that exist, by their real paths, and what is closed in them. */
async function mountsOf(context: ToolContext, write: boolean): Promise<readonly Mount[]> {
  const { root, roots } = context
  const { open, readable } = splitRoots(roots)
  const closed = await closedPaths(context)
  const present = await existing(open, root)
  const found = await Promise.all(
    present.map(async (path) => ((await stat(path)).isDirectory() ? [{ path, write }] : [])),
  )
  return withoutClosed(found.flat(), closed, await existing(readable, root))
}

/** Folders that code of a model may read besides its own, such as those of skills. */
export async function readableMounts({ root, roots }: Pick<ToolContext, 'root' | 'roots'>): Promise<readonly Mount[]> {
  return (await existing(splitRoots(roots).readable, root)).map((path) => ({ path }))
}

async function existing(paths: readonly string[], root: string): Promise<readonly string[]> {
  const real = await Promise.all(paths.map((path) => realpath(resolve(root, path)).catch(() => undefined)))
  return real.filter((path) => path !== undefined)
}

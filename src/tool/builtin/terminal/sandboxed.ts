import { realpath, stat } from 'node:fs/promises'
import { resolve } from 'node:path'
import { TerminalError } from '../../../errors.ts'
import type { Execution, Mount } from '../../../sandbox/sandbox.ts'
import { closedPaths, isWithin, splitRoots } from '../../roots.ts'
import { servicesOf } from '../../services.ts'
import type { ToolContext } from '../../tool.ts'

/** A command for a sandbox. */
export type SandboxedCommand = {
  readonly words: readonly [string, ...string[]]
  /** a real path in the roots */
  readonly folder: string
  readonly environment: { readonly [name: string]: string }
  /** seconds */
  readonly timeout: number
  /** whether it may change the roots */
  readonly write: boolean
}

/** Runs a command in a sandbox that shows the roots of the call at their own paths, and names the sandbox. */
export async function runSandboxed(
  command: SandboxedCommand,
  context: ToolContext,
): Promise<{ readonly execution: Execution; readonly sandbox: string }> {
  const sandboxes = await servicesOf(context).sandboxes()
  const sandbox = await sandboxes.open({
    mounts: await mountsOf(context, command.write),
    limits: { ...sandboxes.limits, seconds: command.timeout },
  })
  try {
    const { words, folder, environment } = command
    const execution = await sandbox.run(words, { folder, environment, signal: context.signal })
    return { execution, sandbox: sandbox.name }
  } finally {
    await sandbox.close()
  }
}

/** The roots that exist, by their real paths, and what is closed in them. */
async function mountsOf(context: ToolContext, write: boolean): Promise<readonly Mount[]> {
  const { root, roots } = context
  const closed = await closedPaths(context)
  const paths = await Promise.all(
    splitRoots(roots).open.map((path) => realpath(resolve(root, path)).catch(() => undefined)),
  )
  const present = paths.filter((path): path is string => path !== undefined)
  const found = await Promise.all(
    present.map(async (path) => ((await stat(path)).isDirectory() ? [{ path, write }] : [])),
  )
  const mounts = found.flat()
  const inside = closed.filter((path) => mounts.some((mount) => isWithin(mount.path, path)))
  // what is closed and not there yet could be made
  if (write && inside.length > 0) throw notWritable(inside[0]!)
  return [...mounts, ...(await Promise.all(inside.map(hide))).flat()]
}

async function hide(path: string): Promise<readonly Mount[]> {
  const found = await stat(path).catch(() => undefined)
  return found ? [{ path, hidden: found.isDirectory() ? 'folder' : 'file' }] : []
}

const notWritable = (path: string) =>
  new TerminalError(`a command that a model chose may not write in a folder that holds ${path}`, {
    code: 'outside_root',
    hint: 'name another folder under `roots:` in antiphon.yaml for what agents write',
  })

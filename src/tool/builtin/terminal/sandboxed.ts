import { realpath, stat } from 'node:fs/promises'
import { resolve } from 'node:path'
import type { Execution, Mount } from '../../../sandbox/sandbox.ts'
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

/** The roots that exist, by their real paths. */
async function mountsOf({ root, roots }: ToolContext, write: boolean): Promise<readonly Mount[]> {
  const paths = await Promise.all(roots.map((path) => realpath(resolve(root, path)).catch(() => undefined)))
  const present = paths.filter((path): path is string => path !== undefined)
  const found = await Promise.all(
    present.map(async (path) => ((await stat(path)).isDirectory() ? [{ path, write }] : [])),
  )
  return found.flat()
}

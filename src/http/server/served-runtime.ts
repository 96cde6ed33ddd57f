import type { Config } from '../../config/config.ts'
import { mcpServing } from '../../config/mcp-serving.ts'
import { InvalidError } from '../../errors.ts'
import { checkParts, createRuntime, type Runtime, type ServedRuntime } from '../../runtime/open/create-runtime.ts'
import type { InternalParts, RuntimeParts } from '../../runtime/open/parts.ts'
import type { FolderOwner } from '../../store/data-folder/owner.ts'
import { waitForTurn } from './dev-turn.ts'

/**
 * Opens the data folder and makes this process its owner. Work that an earlier process left waits until it is resumed.
 * Until it is stopped, the runtime answers other processes of its user, such as `antiphon` commands, on a socket in the
 * folder. An error of code `owned` names the process that owns the folder.
 */
export async function createServedRuntime(config: Config, parts: RuntimeParts = {}): Promise<Runtime> {
  if (process.env.ANTIPHON_CHECK_CODE)
    throw new InvalidError('A program with createRuntime cannot be checked before a deploy.', {
      hint: '`antiphon agent check` compares what a program gives to start().',
    })
  await waitForTurn(config.data)
  return openServed(config, parts)
}

/** The same with the parts that only antiphon itself replaces, and as a server needs it. */
async function openServed(config: Config, parts: InternalParts): Promise<ServedRuntime> {
  checkParts(parts)
  // the caller that claimed the folder also serves it
  if (parts.owner) return createRuntime(config, parts)
  // loaded late, so that a tool's import of this package stays cheap
  const { claimData } = await import('../../runtime/data-folder/claim.ts')
  const owner = await claimData(config.data)
  let runtime: ServedRuntime | undefined
  try {
    runtime = await createRuntime(config, { ...parts, owner })
    return await answerOthers(runtime, owner, config)
  } catch (error) {
    try {
      await runtime?.stop()
    } finally {
      owner.release()
    }
    throw error
  }
}

async function answerOthers(runtime: ServedRuntime, owner: FolderOwner, config: Config): Promise<ServedRuntime> {
  const { serve } = config
  const options = { mcp: mcpServing(config), ...(serve && { serve }) }
  const [{ createApp }, { createMountedApps, withForwarded }, { closeDoors, serveSocket }] = await Promise.all([
    import('./app.ts'),
    import('./mounted.ts'),
    import('./serve.ts'),
  ])
  const app = withForwarded(createApp(runtime, options), createMountedApps(runtime, options))
  const door = await serveSocket(app, owner.folder)
  owner.announce(door.socket)
  let stopped: Promise<void> | undefined
  return { ...runtime, stop: (options) => (stopped ??= closeDoors(runtime, owner, [door], options)) }
}

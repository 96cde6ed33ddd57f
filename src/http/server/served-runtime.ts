import type { Config } from '../../config/config.ts'
import type { Runtime, ServedRuntime } from '../../runtime/ports.ts'
import { createRuntime as openRuntime, type RuntimeParts } from '../../runtime.ts'
import type { FolderOwner } from '../../store/data-folder/owner.ts'

/**
 * Opens the data folder and makes it this process's own; takes up nothing that an earlier process left. Until it is stopped it answers
 * other processes of its user on a socket in the folder, `antiphon` commands among them. An error of code `owned` names the process that
 * has the folder.
 */
export async function createRuntime(config: Config, parts: RuntimeParts = {}): Promise<Runtime> {
  // who claimed the folder answers for it
  if (parts.owner) return openRuntime(config, parts)
  // what is not needed by a tool's import of this package is loaded here
  const { claimData } = await import('../../runtime/data-folder/claim.ts')
  const owner = await claimData(config.data)
  let runtime: ServedRuntime | undefined
  try {
    runtime = await openRuntime(config, { ...parts, owner })
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

async function answerOthers(runtime: ServedRuntime, owner: FolderOwner, { serve }: Config): Promise<Runtime> {
  const [{ createApp }, { closeDoors, serveSocket }] = await Promise.all([import('./app.ts'), import('./serve.ts')])
  const door = await serveSocket(createApp(runtime, serve && { serve }), owner.folder)
  owner.announce(door.socket)
  let stopped: Promise<void> | undefined
  return { ...runtime, stop: (options) => (stopped ??= closeDoors(runtime, owner, [door], options)) }
}

import type { Config } from './config/config.ts'
import type { RuntimeParts } from './runtime/open/parts.ts'
import type { ServedRuntime } from './runtime/ports.ts'

export type { RuntimeParts } from './runtime/open/parts.ts'
export type { Runtime, ServedRuntime } from './runtime/ports.ts'

/**
 * Opens the data folder and makes it this process's own; takes up nothing that an earlier process left. An error of code
 * `owned` names the process that has the folder.
 */
export async function createRuntime(config: Config, parts?: RuntimeParts): Promise<ServedRuntime> {
  // engine, models and server are loaded here, so that a tool's import of this package costs next to nothing
  const { openRuntime } = await import('./runtime/open/open-runtime.ts')
  return openRuntime(config, parts)
}

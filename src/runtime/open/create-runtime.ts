import type { Config } from '../../config/config.ts'
import type { ServedRuntime } from '../ports.ts'
import type { InternalParts } from './parts.ts'

export type { Runtime, ServedRuntime } from '../ports.ts'
export type { InternalParts } from './parts.ts'

/**
 * Opens the data folder and makes this process its owner. Work that an earlier process left waits until it is resumed.
 * An error of code `owned` names the process that owns the folder.
 */
export async function createRuntime(config: Config, parts?: InternalParts): Promise<ServedRuntime> {
  // engine and models are loaded here, so that a tool's import of this package costs next to nothing
  const { openRuntime } = await import('./open-runtime.ts')
  return openRuntime(config, parts)
}

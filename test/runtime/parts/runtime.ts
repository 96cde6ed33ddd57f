import { join } from 'node:path'
import { loadConfig } from '../../../src/config/config.ts'
import { createRuntime } from '../../../src/runtime/open/create-runtime.ts'

/** A runtime with tools that do their calls in parts. */
export async function openParts(folder: string) {
  const config = await loadConfig({ folder, environment: {} })
  return createRuntime({ ...config, plugins: [join(import.meta.dirname, 'plugin.ts')], embedder: 'none' })
}

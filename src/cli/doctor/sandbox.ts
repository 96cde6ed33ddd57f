import type { SandboxSettings } from '../../sandbox/choose.ts'
import { formatSize } from '../terminal/format.ts'

/** The sandbox that code gets here, and how its disk is bounded. A machine without a sandbox is fine: not everybody runs code. */
export async function describeSandbox(settings: SandboxSettings = {}): Promise<string> {
  const { createSandboxes, WATCHED_DISK } = await import('../../sandbox/choose.ts')
  const sandboxes = createSandboxes(settings)
  try {
    const { name, disk } = await sandboxes.choose()
    const size = formatSize(sandboxes.limits.disk)
    if (disk === 'sized') return `${name}: code can write ${size} at most, in memory`
    return disk === 'watched' ? `${name}: ${WATCHED_DISK} (${size})` : name
  } catch (error) {
    if ((error as { readonly code?: unknown }).code !== 'sandbox_missing') throw error
    return (error as Error).message
  }
}

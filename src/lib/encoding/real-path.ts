import { realpathSync } from 'node:fs'
import { dirname, join } from 'node:path'

/** A path with its links followed as far as it exists. */
export function realIfThere(path: string): string {
  try {
    return realpathSync(path)
  } catch {
    const above = dirname(path)
    return above === path ? path : join(realIfThere(above), path.slice(above.length))
  }
}

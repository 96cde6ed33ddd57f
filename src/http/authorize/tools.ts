import type { ToolsPort } from '../../runtime/ports/tools.ts'
import type { Sight } from './access.ts'

/** Tool calls of a caller: only the local user of the machine is trusted. */
export function scopedTools({ runtime, caller }: Sight): ToolsPort {
  return {
    call: (calls, options = {}) =>
      runtime.tools.call(calls, { ...options, owner: caller.owner, trusted: caller.local }),
  }
}

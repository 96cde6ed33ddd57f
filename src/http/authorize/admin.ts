import type { Runtime } from '../../runtime/ports.ts'
import type { Sight } from './access.ts'
import { scopeMissing } from './caller.ts'

type Names = 'inspector' | 'keys' | 'audit' | 'status' | 'pools' | 'cache' | 'metrics' | 'backup' | 'gc' | 'handOver'

/** What is nobody's own. */
export type OfAdmins = Pick<Runtime, Names>

/** What is nobody's own, for who may see everything; others get an error of code `scope_missing`. */
export function forAdmins({ runtime, isAdmin }: Sight): OfAdmins {
  const open = <Name extends Names>(name: Name): Runtime[Name] => {
    if (!isAdmin) throw scopeMissing('admin')
    return runtime[name]
  }
  return {
    get inspector() {
      return open('inspector')
    },
    get keys() {
      return open('keys')
    },
    get audit() {
      return open('audit')
    },
    get cache() {
      return open('cache')
    },
    status: () => open('status')(),
    pools: () => open('pools')(),
    metrics: () => open('metrics')(),
    backup: async (...asked) => open('backup')(...asked),
    gc: async (...asked) => open('gc')(...asked),
    handOver: async (...asked) => open('handOver')(...asked),
  }
}

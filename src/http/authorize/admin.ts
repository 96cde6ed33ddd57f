import type { Runtime } from '../../runtime/ports.ts'
import type { Sight } from './access.ts'
import { scopeMissing } from './caller.ts'

/** The ports without an owner. */
export type OfAdmins = Pick<Runtime, 'inspector' | 'maintenance' | 'status'>

/**
 * Returns the value for admins.
 * @throws an error of code `scope_missing` for others
 */
export function adminsOnly<T>({ isAdmin }: Pick<Sight, 'isAdmin'>, what: T): T {
  if (!isAdmin) throw scopeMissing('admin')
  return what
}

/** The ports without an owner, restricted to admins. */
export function forAdmins(sight: Sight): OfAdmins {
  const { runtime } = sight
  return {
    get inspector() {
      return adminsOnly(sight, runtime.inspector)
    },
    get maintenance() {
      return adminsOnly(sight, runtime.maintenance)
    },
    status: () => adminsOnly(sight, runtime).status(),
  }
}

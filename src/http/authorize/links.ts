import type { AccessPort } from '../../runtime/ports/access.ts'
import type { Sight } from './access.ts'
import { adminsOnly } from './admin.ts'

/** Links to runs that the caller sees; keys and the audit are for admins. */
export function scopedAccess(sight: Sight): AccessPort {
  const { runtime, caller, checkRun } = sight
  const { keys, links, audit } = runtime.access
  return {
    get keys() {
      return adminsOnly(sight, keys)
    },
    get audit() {
      return adminsOnly(sight, audit)
    },
    links: {
      async create(request) {
        await checkRun(request.run)
        return links.create({ ...request, owner: (await runtime.serving.ownerOfRun(request.run)) ?? caller.owner })
      },
      // whoever has its token may use it
      read: (token) => links.read(token),
      use: (token, value) => links.use(token, value),
    },
  }
}

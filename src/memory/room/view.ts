import { pageOf } from '../../house/common-fields.ts'
import { scopeMissing } from '../../house/scope.ts'
import type { Viewer } from '../../house/viewer.ts'
import type { ForgetTarget } from '../memory.ts'
import type { OwnerMemory } from '../owner-memory.ts'
import type { MemoryView } from './requests.ts'

/** The memory of the caller, or of an owner whom an admin names. Records of others do not exist for it. */
export function viewMemory(
  memory: (owner: string) => OwnerMemory,
  { caller, isAdmin }: Pick<Viewer, 'caller' | 'isAdmin'>,
): MemoryView {
  function of<Request extends { readonly owner?: string }>({ owner = caller.owner, ...request }: Request) {
    if (owner !== caller.owner && !isAdmin) throw scopeMissing('admin')
    return { own: memory(owner), request: request as Omit<Request, 'owner'> }
  }
  return {
    async add(given) {
      const { own, request } = of(given)
      return own.add(request.records)
    },
    async list(given) {
      const { own, request } = of(given)
      return pageOf(await own.list(request), given.limit, ({ id }) => id)
    },
    async search(given) {
      const { own, request } = of(given)
      return own.search(request)
    },
    get: async (id, given = {}) => of(given).own.get(id),
    async pin(id, given) {
      const { own, request } = of(given)
      return own.pin(id, request.pinned)
    },
    async forget(given) {
      const { own, request } = of(given)
      const { dryRun = false, ...target } = request
      return own.forget(target as ForgetTarget, { dryRun })
    },
    sources: {
      async list(given) {
        const { own, request } = of(given)
        return pageOf(await own.sources.list(request), given.limit, ({ ref }) => ref)
      },
      async add(given) {
        const { own, request } = of(given)
        return own.sources.add(request, { trusted: caller.local, isPortion: true })
      },
      async forget(given) {
        const { own, request } = of(given)
        return own.forget(request)
      },
    },
    async changes(given) {
      const { own, request } = of(given)
      return pageOf(await own.changes.list(request), given.limit, ({ change }) => String(change))
    },
    proposals: async (given = {}) => ({ items: await of(given).own.proposals.list() }),
    accept: async (id, given = {}) => of(given).own.proposals.accept(id),
    decline: async (id, given = {}) => of(given).own.proposals.decline(id),
    undo: async (change, given = {}) => of(given).own.changes.undo(Number(change)),
    export: (given = {}) => of(given).own.transfer.export(),
    async import(pieces, given = {}) {
      const { own, request } = of(given)
      return own.transfer.import(pieces, request)
    },
    stats: async (given = {}) => of(given).own.stats(),
  }
}

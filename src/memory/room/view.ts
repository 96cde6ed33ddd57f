import { pageOf } from '../../house/common-fields.ts'
import { scopeMissing } from '../../house/scope.ts'
import type { Viewer } from '../../house/viewer.ts'
import type { ForgetTarget, OwnerMemory } from '../memory.ts'
import type { MemoryView } from './requests.ts'

/** The memory of the caller, or of an owner whom an admin names. Records of others do not exist for it. */
export function viewMemory(
  memory: (owner: string) => OwnerMemory,
  { caller, isAdmin }: Pick<Viewer, 'caller' | 'isAdmin'>,
): MemoryView {
  function of<Request extends { readonly owner?: string }>({ owner = caller.owner, ...request }: Request) {
    if (owner !== caller.owner && !isAdmin) throw scopeMissing('admin')
    return [memory(owner), request as Omit<Request, 'owner'>] as const
  }
  /** Carries out a request with the memory that it is for. */
  const on = async <Request extends { readonly owner?: string }, Answer>(
    given: Request,
    act: (own: OwnerMemory, request: Omit<Request, 'owner'>) => Promise<Answer>,
  ): Promise<Answer> => act(...of(given))
  return {
    add: (given) => on(given, (own, { records }) => own.add(records)),
    list: (given) => on(given, async (own, request) => pageOf(await own.list(request), given.limit, ({ id }) => id)),
    search: (given) => on(given, (own, request) => own.search(request)),
    get: (id, given = {}) => on(given, (own) => own.get(id)),
    pin: (id, given) => on(given, (own, { pinned }) => own.pin(id, pinned)),
    forget: (given) =>
      on(given, (own, { dryRun = false, ...target }) => own.forget(target as ForgetTarget, { dryRun })),
    sources: {
      list: (given) =>
        on(given, async (own, request) => pageOf(await own.sources.list(request), given.limit, ({ ref }) => ref)),
      add: (given) => on(given, (own, request) => own.sources.add(request, { trusted: caller.local, isPortion: true })),
      forget: (given) => on(given, (own, request) => own.forget(request)),
    },
    changes: (given) =>
      on(given, async (own, request) =>
        pageOf(await own.changes.list(request), given.limit, ({ change }) => String(change)),
      ),
    proposals: (given = {}) => on(given, async (own) => ({ items: await own.proposals.list() })),
    accept: (id, given = {}) => on(given, (own) => own.proposals.accept(id)),
    decline: (id, given = {}) => on(given, (own) => own.proposals.decline(id)),
    undo: (change, given = {}) => on(given, (own) => own.changes.undo(Number(change))),
    export: (given = {}) => of(given)[0].transfer.export(),
    import: (pieces, given = {}) => on(given, (own, request) => own.transfer.import(pieces, request)),
    stats: (given = {}) => on(given, (own) => own.stats()),
  }
}

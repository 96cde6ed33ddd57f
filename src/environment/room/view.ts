import { type Page, pageOf } from '../../house/common-fields.ts'
import type { ListQuery } from '../../house/paging.ts'
import { adminsOnly } from '../../house/scope.ts'
import type { Viewer } from '../../house/viewer.ts'
import { noEnvironment } from '../actor.ts'
import { environmentRef, readEnvironmentName } from '../state.ts'
import { cursorOfEnvironment, type EnvironmentSummary, type EnvironmentsPort } from './port.ts'

/** Environments as a caller sees them: each owner has names of their own. */
export type EnvironmentsView = Omit<EnvironmentsPort, 'list'> & {
  list(query: ListQuery & { readonly limit: number }): Promise<Page<EnvironmentSummary>>
}

/** The environments of a caller: another owner's environment looks like a missing one. */
export function viewEnvironments(
  environments: EnvironmentsPort,
  { caller, isAdmin }: Pick<Viewer, 'caller' | 'isAdmin'>,
): EnvironmentsView {
  const source = `owner/${caller.owner}`

  function keyOf(written: string): string {
    const found = readEnvironmentName(written, caller.owner)
    if (found.owner !== caller.owner && !isAdmin) throw noEnvironment(written)
    return environmentRef(found).key
  }

  const shown = <T extends EnvironmentSummary>(one: T): T =>
    one.owner === caller.owner ? one : { ...one, name: `${one.owner}:${one.name}` }

  return {
    async list(query) {
      const listed = await environments.list({ ...query, ...(!isAdmin && { owner: caller.owner }) })
      const { items, ...more } = pageOf(listed, query.limit, (one) => cursorOfEnvironment(environmentRef(one).key))
      return { items: items.map(shown), ...more }
    },
    get: async (name) => shown(await environments.get(keyOf(name))),
    update: async (name, patch, options) => environments.update(keyOf(name), patch, { source, ...options }),
    async *watch(name, from) {
      yield* environments.watch(keyOf(name), from)
    },
    history: async (name, query) => environments.history(keyOf(name), query),
    snapshot: async (name) => environments.snapshot(keyOf(name)),
    restore: async (name, version, options) => environments.restore(keyOf(name), version, { source, ...options }),
    health: async () => adminsOnly({ isAdmin }, environments).health(),
  }
}

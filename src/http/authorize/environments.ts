import { type Page, pageOf } from '../../contract/documents/basic.ts'
import { noEnvironment } from '../../environment/actor.ts'
import { environmentRef, readEnvironmentName } from '../../environment/state.ts'
import {
  cursorOfEnvironment,
  type EnvironmentSummary,
  type EnvironmentsPort,
} from '../../runtime/ports/environments.ts'
import type { ListQuery } from '../../runtime/ports/paging.ts'
import type { Sight } from './access.ts'
import { adminsOnly } from './admin.ts'

/** Environments as a caller sees them: each owner has names of their own. */
export type ScopedEnvironments = Omit<EnvironmentsPort, 'list'> & {
  list(query: ListQuery & { readonly limit: number }): Promise<Page<EnvironmentSummary>>
}

/** The environments of a caller: another owner's environment looks like a missing one. */
export function scopedEnvironments({ runtime, caller, isAdmin }: Sight): ScopedEnvironments {
  const { environments } = runtime
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
    snapshot: async (name) => environments.snapshot(keyOf(name)),
    restore: async (name, version, options) => environments.restore(keyOf(name), version, { source, ...options }),
    health: async () => adminsOnly({ isAdmin }, environments).health(),
  }
}

import { budgetRef, keptFor, readScope } from '../../budget/scope.ts'
import type { View } from '../../engine/engine.ts'
import { inspectOne } from '../../engine/liveness.ts'
import { LOCAL_OWNER, ownerOf } from '../../owner.ts'

/** Whose money a call is paid with: of these runs and threads, and of this owner. */
export type Origin = { readonly scopes: readonly string[]; readonly owner: string }

const MOST = 1000

/** Says for runs and threads whose they are; a run below another one is paid for by that, too. What was found is remembered, for it does not change. */
export function createOrigins(view: () => View): (of: readonly string[]) => Promise<Origin> {
  const known = new Map<string, Origin>()

  async function find(scope: string): Promise<Origin> {
    const actor = await inspectOne(view(), keptFor(readScope(scope)) ?? budgetRef(scope))
    const index = actor?.cell?.index ?? {}
    const root = typeof index.root === 'string' ? [`run/${index.root}`] : []
    return { scopes: [scope, ...root], owner: ownerOf(index) }
  }

  async function originOf(scope: string): Promise<Origin> {
    const found = known.get(scope) ?? (await find(scope))
    if (known.size >= MOST) known.delete(known.keys().next().value!)
    known.set(scope, found)
    return found
  }

  return async (of) => {
    const origins = await Promise.all(of.map(originOf))
    const scopes = new Set(origins.flatMap((origin) => origin.scopes))
    return { scopes: [...scopes], owner: origins[0]?.owner ?? LOCAL_OWNER }
  }
}

import { askServer } from '../../src/engine/restate/admin/server-info.ts'
import { restateEngine } from '../../src/engine/restate/engine.ts'
import { ASKS, createIds } from '../engine/antiphon.ts'
import type { OpenTarget } from '../engine/target.ts'
import { subjectOf } from '../peers/peers.ts'
import { BARE } from './actors.ts'
import { namespaceOf } from './subjects.ts'

/** Bare actors on a Restate server under a load; their nodes are other processes. */
export const openTarget: OpenTarget = async ({ operation }, { name, address, id }) => {
  const { ingress } = await askServer(address!)
  const engine = restateEngine({ actors: BARE, namespace: namespaceOf(subjectOf(name)), admin: address!, ingress })
  const { kind, body } = ASKS[operation]
  const nextId = createIds(id)
  return { perform: async (key) => (await engine.ask({ kind, key }, body, { id: nextId() })) as number }
}

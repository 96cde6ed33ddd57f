import { askServer } from '../../src/engine/restate/admin/server-info.ts'
import { restateEngine } from '../../src/engine/restate/engine.ts'
import { createIds } from '../engine/antiphon.ts'
import { readStart, runner } from '../engine/pipeline.ts'
import type { OpenTarget } from '../engine/target.ts'
import { subjectOf } from '../peers/peers.ts'
import { BARE } from './actors.ts'
import { FIRST, namespaceOf } from './subjects.ts'

/** The pipeline's own run and step actors on a Restate server under a load of runs; their nodes are other processes. */
export const openTarget: OpenTarget = async (_load, { name, address, id }) => {
  const { ingress } = await askServer(address!)
  // to ask, an engine has to know the kind alone
  const engine = restateEngine({ actors: BARE, namespace: namespaceOf(subjectOf(name)), admin: address!, ingress })
  return { perform: runner(engine, await readStart(engine, FIRST), createIds(id)) }
}

import { phaseRef } from '../../chain/phases/phase-actor.ts'
import { PHASES } from '../../chain/protocol/phase-types.ts'
import type { Listed, View } from '../../engine/engine.ts'
import { inspectOne } from '../../engine/liveness.ts'
import { nameOf } from '../../kernel/ref.ts'
import type { ActorRef } from '../../kernel/types.ts'
import { ownedBy } from '../../lib/owner.ts'
import type { Families } from './hierarchy.ts'
import { linksOf } from './waits-for.ts'

/** Runs, threads and links of an owner that are looked at, of each the newest. */
const MOST = 200

/** Who works for whom below an owner's runs and threads, found from the top: nothing of anybody else's is looked at. */
export async function readOwnFamilies(view: View, owner: string): Promise<Families> {
  const newest = (kind: string, where: { readonly [field: string]: string | null }) =>
    view.list(kind, { where: { aside: null, ...where }, sort: 'startedAt', descending: true, limit: MOST })
  const atWork = async (kind: string) => (await newest(kind, { ...ownedBy(owner), status: 'running' })).map(refIn(kind))
  const links = Map.groupBy(await newest('link', { owner }), ({ index }) => index.run)
  const waitsFor = linksOf(view)

  async function childrenOf(of: ActorRef): Promise<readonly ActorRef[]> {
    if (of.kind === 'chain') return phasesOf(view, of)
    const actor = await inspectOne(view, of)
    const waited = actor ? await waitsFor(actor) : []
    return of.kind === 'run' ? [...(links.get(of.key) ?? []).map(refIn('link')), ...waited] : waited
  }

  const heads = [...(await atWork('chain')), ...(await atWork('run'))]
  return { childrenOf, heads: heads.toSorted(byName) }
}

/** Those that have ever worked on the thread. */
async function phasesOf(view: View, thread: ActorRef): Promise<readonly ActorRef[]> {
  const phases = PHASES.map((name) => phaseRef(thread.key, name)).toSorted(byName)
  const found = await Promise.all(phases.map((of) => inspectOne(view, of)))
  return phases.filter((_, place) => found[place] !== undefined)
}

const refIn =
  (kind: string) =>
  ({ key }: Listed): ActorRef => ({ kind, key })
const byName = (a: ActorRef, b: ActorRef) => (nameOf(a) < nameOf(b) ? -1 : 1)

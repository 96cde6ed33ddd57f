import { threadOf } from '../../chain/phases/phase-actor.ts'
import type { Inspected, View } from '../../engine/engine.ts'
import { allActors, hasWork, waitsInIndex } from '../../engine/liveness.ts'
import { nameOf } from '../../kernel/ref.ts'
import type { ActorRef } from '../../kernel/types.ts'
import type { StepState } from '../../pipeline/step/step-state.ts'
import { runOfLink } from './link-status.ts'

/** Who works for whom, as far as watching, waiting and messages under way tell. */
export type Families = {
  readonly childrenOf: (of: ActorRef) => readonly ActorRef[] | Promise<readonly ActorRef[]>
  /** those that have work or have failed, and work for nobody */
  readonly heads: readonly ActorRef[]
}

/** Actors that are looked at. */
const MOST = 200_000

/** Looks through the actors, the first 200 000 by name. */
export async function readFamilies(view: View): Promise<Families> {
  const children = new Map<string, Map<string, ActorRef>>()
  const atWork: ActorRef[] = []
  const add = (parent: ActorRef, child: ActorRef) => {
    const known = children.get(nameOf(parent)) ?? new Map<string, ActorRef>()
    if (nameOf(parent) !== nameOf(child)) children.set(nameOf(parent), known.set(nameOf(child), child))
  }
  let count = 0
  for await (const actor of allActors(view)) {
    for (const parent of await parentsOf(view, actor)) add(parent, actor.of)
    for (const other of await waitsInIndex(actor)) add(actor.of, other)
    if (isAtWork(actor)) atWork.push(actor.of)
    if (++count === MOST) break
  }
  const ofOthers = new Set([...children.values()].flatMap((known) => [...known.keys()]))
  return {
    childrenOf: (of) => [...(children.get(nameOf(of))?.values() ?? [])],
    heads: atWork.filter((of) => !ofOthers.has(nameOf(of))),
  }
}

function isAtWork(actor: Inspected): boolean {
  return (
    (actor.cell !== undefined && actor.cell.status !== 'live') ||
    actor.turn !== undefined ||
    actor.waiting > 0 ||
    hasWork(actor)
  )
}

/** Of a link its run; of others who watches it, who asked for what it does, the run of a step that waits, and the thread of a phase. */
async function parentsOf(view: View, actor: Inspected): Promise<readonly ActorRef[]> {
  const run = runOfLink(actor)
  if (run) return [run]
  const { of, cell, turn, mail } = actor
  const asked = [...(turn ? [turn] : []), ...mail]
  const askers = asked.flatMap(({ type, from }) => (type === 'request' && from ? [from] : []))
  const waited = of.kind === 'step' && cell ? await runOfStep(view, of) : undefined
  const thread = threadOf(of)
  const watchers = (cell?.watchers ?? []).filter(({ kind }) => !ONLOOKERS.has(kind))
  return [...watchers, ...askers, ...(waited ? [waited] : []), ...(thread ? [thread] : [])]
}

/** A link watches its run, and yet works for it; a budget watches who borrows of it, and gives them no work. */
const ONLOOKERS: ReadonlySet<string> = new Set(['link', 'budget'])

/** The run of a step that waits for others, for its next attempt or for money; one at work is told by who asked for that. */
async function runOfStep(view: View, step: ActorRef): Promise<ActorRef | undefined> {
  const state = (await view.peek(step)) as StepState | undefined
  return (state?.waiting ?? state?.pausing)?.run
}

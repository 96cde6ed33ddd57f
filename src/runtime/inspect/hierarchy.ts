import { type EngineView, inspectOne, type ListedActor } from '../../engine/engine.ts'
import type { Inspected } from '../../engine/inspect.ts'
import { allActors, hasWork, readWaitsIndex } from '../../engine/liveness.ts'
import { KIND, runRef } from '../../house/actors.ts'
import { linksOf } from '../../inbox/room/waits-for.ts'
import { type ActorRef, nameOf } from '../../kernel/ref.ts'
import { ownerFilter } from '../../lib/owner.ts'
import { isFinished, peekRun } from '../../run/run.ts'
import type { StepState } from '../../step/attempt/step-state.ts'
import { threadOfPhase } from '../../thread/protocol/refs.ts'
import { actorsBelow } from '../../thread/room/records.ts'

/** Parent-child relations between actors, derived from watches, waits and messages in flight. */
export type Families = {
  readonly childrenOf: (of: ActorRef) => readonly ActorRef[] | Promise<readonly ActorRef[]>
  /** actors with work or a failure, and without a parent */
  readonly heads: readonly ActorRef[]
}

/** Maximum number of inspected actors. */
const MAX_ACTORS_READ = 200_000

/** Reads the actors, the first 200 000 by name. */
export async function readFamilies(view: EngineView): Promise<Families> {
  const children = new Map<string, Map<string, ActorRef>>()
  const atWork: ActorRef[] = []
  const add = (parent: ActorRef, child: ActorRef) => {
    const known = children.get(nameOf(parent)) ?? new Map<string, ActorRef>()
    if (nameOf(parent) !== nameOf(child)) children.set(nameOf(parent), known.set(nameOf(child), child))
  }
  let count = 0
  for await (const actor of allActors(view)) {
    for (const parent of await parentsOf(view, actor)) add(parent, actor.of)
    for (const other of await readWaitsIndex(actor)) add(actor.of, other)
    if (isAtWork(actor)) atWork.push(actor.of)
    if (++count === MAX_ACTORS_READ) break
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

/** The parents of an actor: its watchers, caller, the run of a waiting step or link, the thread of a phase. */
async function parentsOf(view: EngineView, actor: Inspected): Promise<readonly ActorRef[]> {
  const run = runOfLink(actor)
  if (run) return [run]
  const { of, cell, turn, mail } = actor
  const asked = [...(turn ? [turn] : []), ...mail]
  const askers = asked.flatMap(({ type, from }) => (type === 'request' && from ? [from] : []))
  const waited = of.kind === KIND.step && cell ? await runOfStep(view, of) : undefined
  const thread = threadOfPhase(of)
  const watchers = (cell?.watchers ?? []).filter(({ kind }) => !ONLOOKERS.has(kind))
  return [...watchers, ...askers, ...(waited ? [waited] : []), ...(thread ? [thread] : [])]
}

/** A link watches its run but works for it. A budget watches its borrowers but gives them no work. */
const ONLOOKERS: ReadonlySet<string> = new Set(['link', 'budget'])

/** The run of a step that waits for others, a retry or a budget. A running step is found through its caller. */
async function runOfStep(view: EngineView, step: ActorRef): Promise<ActorRef | undefined> {
  const state = (await view.peek(step)) as StepState | undefined
  return (state?.awaiting ?? state?.suspended)?.run
}

/** The run that a link answers; undefined when it is not a link, or was never created. */
export function runOfLink({ of, cell }: Inspected): ActorRef | undefined {
  const run = of.kind === 'link' ? cell?.index?.run : undefined
  return typeof run === 'string' ? runRef(run) : undefined
}

/** The state of a link. It has a timer until it expires, although it has no use once its run has ended. */
export async function linkStatus(view: EngineView, link: Inspected, run: ActorRef): Promise<'open' | 'used' | 'over'> {
  if (link.cell?.index?.usedAt !== undefined) return 'used'
  const state = await peekRun(view, run.key)
  return state && !isFinished(state) ? 'open' : 'over'
}

/** Maximum runs, threads and links of an owner that are read, the newest of each. */
const MOST_OWN = 200

/** The hierarchy below one owner's runs and threads. It is read top down, so that no data of other owners is read. */
export async function readOwnFamilies(view: EngineView, owner: string): Promise<Families> {
  const newest = (kind: string, where: { readonly [field: string]: string | null }) =>
    view.list(kind, { where: { aside: null, ...where }, sort: 'startedAt', descending: true, limit: MOST_OWN })
  const atWork = async (kind: string) =>
    (await newest(kind, { ...ownerFilter(owner), status: 'running' })).map(refIn(kind))
  const links = Map.groupBy(await newest('link', { owner }), ({ index }) => index.run)
  const waitsFor = linksOf(view)

  async function childrenOf(of: ActorRef): Promise<readonly ActorRef[]> {
    if (of.kind === KIND.thread) return phasesOf(view, of)
    const actor = await inspectOne(view, of)
    const waited = actor ? await waitsFor(actor) : []
    return of.kind === KIND.run ? [...(links.get(of.key) ?? []).map(refIn('link')), ...waited] : waited
  }

  const heads = [...(await atWork(KIND.thread)), ...(await atWork(KIND.run))]
  return { childrenOf, heads: heads.toSorted(byName) }
}

/** All phases that ever worked on the thread. */
async function phasesOf(view: EngineView, thread: ActorRef): Promise<readonly ActorRef[]> {
  const phases = actorsBelow(thread.key).toSorted(byName)
  const found = await Promise.all(phases.map((of) => inspectOne(view, of)))
  return phases.filter((_, place) => found[place] !== undefined)
}

const refIn =
  (kind: string) =>
  ({ key }: ListedActor): ActorRef => ({ kind, key })
const byName = (a: ActorRef, b: ActorRef) => (nameOf(a) < nameOf(b) ? -1 : 1)

import { unlessDamaged } from '../kernel/faults.ts'
import { type ActorRef, nameOf, waitIn } from '../kernel/ref.ts'
import { type EngineView, inspectOne } from './engine.ts'
import type { Inspected, InspectQuery } from './inspect.ts'

/** The actors that an actor waits for, besides its mail. */
export type WaitsFor = (actor: Inspected) => Promise<readonly ActorRef[]>

type Inspector = Pick<EngineView, 'inspect'>

/**
 * Finds actors that have work but that nothing will ever wake: they have no turn, no mail and no timer, and they wait
 * for an actor in the same state. There should be none. Actors that make progress during the search are not included.
 */
export async function findStranded(view: Inspector, waitsFor: WaitsFor = readWaitsIndex): Promise<readonly ActorRef[]> {
  const stranded: ActorRef[] = []
  for await (const actor of allActors(view)) if (await isStranded(view, actor, waitsFor)) stranded.push(actor.of)
  return stranded
}

/** Whether an actor is stranded in this sense. */
export async function isStranded(
  view: Inspector,
  actor: Inspected,
  waitsFor: WaitsFor = readWaitsIndex,
): Promise<boolean> {
  if (!hasWork(actor)) return false
  // the chain of waits is read twice: if an awaited actor ended between the reads, a commit or mail on the way shows it
  const [first, second] = [await follow(view, actor.of, waitsFor), await follow(view, actor.of, waitsFor)]
  return !first.goesOn && !second.goesOn && sameCommits(first.seen, second.seen)
}

/** All actors that match a query, read in pages of `limit`. */
export async function* allActors(view: Inspector, from: InspectQuery = {}): AsyncGenerator<Inspected> {
  const query = { limit: 1000, ...from }
  for (let page = await view.inspect(query); page.length > 0; ) {
    yield* page
    page = await view.inspect({ ...query, after: page.at(-1)!.of })
  }
}

/** The actor that the index field `waits` names. */
export async function readWaitsIndex({ cell }: Inspected): Promise<readonly ActorRef[]> {
  const wait = waitIn(cell?.index)
  return wait && 'actor' in wait ? [wait.actor] : []
}

export function hasWork({ cell }: Inspected): boolean {
  const { status, waits, until } = (cell?.status === 'live' && cell.index) || {}
  return status === 'running' || waits !== undefined || until !== undefined
}

/** Whether it has a turn or mail, timers included. */
const isMoving = ({ turn, waiting }: Inspected): boolean => turn !== undefined || waiting > 0

type Seen = Map<string, { readonly seq: number; goesOn: boolean }>

async function follow(
  view: Inspector,
  of: ActorRef,
  waitsFor: WaitsFor,
): Promise<{ readonly goesOn: boolean; readonly seen: Seen }> {
  const seen: Seen = new Map()
  return { goesOn: await canGoOn(view, of, waitsFor, seen), seen }
}

/** An actor met again on the path waits for itself. */
async function canGoOn(view: Inspector, of: ActorRef, waitsFor: WaitsFor, seen: Seen): Promise<boolean> {
  const known = seen.get(nameOf(of))
  if (known) return known.goesOn
  const actor = await inspectOne(view, of)
  const entry = { seq: actor?.cell?.seq ?? 0, goesOn: actor !== undefined && isMoving(actor) }
  seen.set(nameOf(of), entry)
  if (actor && !entry.goesOn)
    entry.goesOn =
      isAwaited(actor) || (await canAllGoOn(view, await unlessDamaged(() => waitsFor(actor), []), waitsFor, seen))
  return entry.goesOn
}

async function canAllGoOn(
  view: Inspector,
  others: readonly ActorRef[],
  waitsFor: WaitsFor,
  seen: Seen,
): Promise<boolean> {
  for (const other of others) if (!(await canGoOn(view, other, waitsFor, seen))) return false
  return others.length > 0
}

/** Whether it waits for something that is not an actor. */
function isAwaited({ cell }: Inspected): boolean {
  const wait = waitIn(cell?.index)
  return wait !== undefined && 'external' in wait
}

function sameCommits(first: Seen, second: Seen): boolean {
  return first.size === second.size && [...first].every(([name, { seq }]) => second.get(name)?.seq === seq)
}

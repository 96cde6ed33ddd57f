import { BULK_KIND, bulkRef } from '../../../bulk/actor.ts'
import { isRunOfAsk } from '../../../chain/calls/call-run.ts'
import { type Clock, type Engine, type EngineView, inspectOne } from '../../../engine/engine.ts'
import { goalRef, KIND, runRef, threadRef } from '../../../house/actors.ts'
import { unlessDamaged } from '../../../kernel/faults.ts'
import { nameOf } from '../../../kernel/ref.ts'
import type { ActorIndex, ActorRef } from '../../../kernel/types.ts'
import { getOrInsert } from '../../../lib/collections/get-or-insert.ts'
import { portionsOf } from '../../../lib/collections/portions.ts'
import type { CollectionTerms, Expired, Finished, Gone, RetentionLimits } from './limits.ts'
import { expiredRuns } from './limits.ts'
import { listedOf, PORTION, rest } from './scan.ts'

type Parts = Omit<CollectionTerms, 'unusedDays'> & {
  /** whether to count the bytes, which means reading all of them */
  readonly measure: boolean
}

/** Removes runs that ended long ago, with the threads that belong only to them: at most a hundred per commit. */
export async function expireRuns(parts: Parts): Promise<readonly Gone[]> {
  const { engine, clock, limits, dryRun } = parts
  const below = new Map<string, Below[]>()
  const finished = await finishedRuns(engine.view, clock, below)
  const goals = await finishedGoals(engine.view, clock, below)
  const old = [finished, goals].flatMap((some) => expiredRuns(some, limits, clock.now()))
  const held = old.length > 0 ? await heldRuns(engine.view, clock) : NO_RUNS
  const expired = old.filter((run) => ![run, ...familyOf(run, below)].some(({ id }) => held.has(id)))
  const threads = expired.length > 0 ? await threadsOf(expired, below, engine.view, clock) : NONE
  const gone: Gone[] = []
  for (const portion of portionsOf(expired, PORTION)) {
    const going: Going[] = []
    for (const run of portion) {
      const family = { threads: threads.get(run.id) ?? [], below: familyOf(run, below) }
      // an actor that cannot be read would refuse, and leave a dead letter each time
      const looked = await unlessDamaged(() => lookAt(parts, run, family), undefined)
      if (looked) going.push(looked)
    }
    const went = dryRun ? going.map(all) : await Promise.all(going.map((each) => expire(engine, each)))
    gone.push(...went.flat())
    await rest(clock)
  }
  return gone
}

const NO_RUNS: ReadonlySet<string> = new Set()

/** The runs that an operation on many runs has yet to come to: it may fork them. */
async function heldRuns(view: EngineView, clock: Clock): Promise<ReadonlySet<string>> {
  const held = new Set<string>()
  for await (const { key, index } of listedOf(view, BULK_KIND, clock)) {
    if (index.status === 'done') continue
    for await (const [, runs] of view.parts(bulkRef(key))) for (const run of runs as readonly string[]) held.add(run)
  }
  return held
}

/** Removes the ended ones of these goals and of a thread's runs of calls, with all work below them. */
export async function forgetWork(
  engine: Engine,
  clock: Clock,
  { goals: ids, runsOf: thread }: { readonly goals: readonly string[]; readonly runsOf: string },
): Promise<void> {
  if (ids.length === 0) return
  const below = new Map<string, Below[]>()
  const wanted = new Set(ids)
  const runs = (await finishedRuns(engine.view, clock, below)).filter(({ id }) => isRunOfAsk(id, thread))
  const goals = (await finishedGoals(engine.view, clock, below)).filter(({ id }) => wanted.has(id))
  const finished = [...goals, ...runs]
  for (const portion of portionsOf(finished, PORTION)) {
    const going = portion.map((goal): Going => {
      const gone = (one: Below): Gone => ({ ...one, why: 'its conversation goes', bytes: 0 })
      return { others: familyOf(goal, below).map(gone), run: gone(goal) }
    })
    await Promise.all(going.map((each) => expire(engine, each)))
    await rest(clock)
  }
}

const NONE: ReadonlyMap<string, readonly string[]> = new Map()

/** A run or a goal that stays as long as the one above it. */
type Below = Pick<Gone, 'what' | 'id'> & { readonly what: 'run' | 'goal' }
/** By the name of the actor above. */
type BelowBy = Map<string, Below[]>

/** Finished top-level runs. Adds the others to those below their parents. */
async function finishedRuns(view: EngineView, clock: Clock, below: BelowBy): Promise<readonly Finished[]> {
  const finished: Finished[] = []
  for await (const { key: id, index } of listedOf(view, KIND.run, clock)) {
    const { finishedAt } = index
    const above = aboveOf(index)
    if (above) put(below, above, { what: 'run', id })
    else if (typeof finishedAt === 'number') finished.push({ id, finishedAt, what: 'run' })
  }
  return finished
}

/** Goals that have ended and that nobody asked for. Adds the others to those below their parents. */
async function finishedGoals(view: EngineView, clock: Clock, below: BelowBy): Promise<readonly Finished[]> {
  const finished: Finished[] = []
  for await (const { key: id, index } of listedOf(view, KIND.goal, clock)) {
    const above = aboveOf(index)
    if (above) put(below, above, { what: 'goal', id })
    else if (typeof index.finishedAt === 'number') finished.push({ id, finishedAt: index.finishedAt, what: 'goal' })
  }
  return finished
}

/** The actor that a run or goal stays as long as: the root run, the run whose step asked, or the goal. */
function aboveOf({ root, goal }: ActorIndex): string | undefined {
  if (typeof root === 'string') return nameOf(runRef(root))
  return typeof goal === 'string' ? nameOf(goalRef(goal)) : undefined
}

/** Everything below a run or a goal, the deepest first. */
function familyOf(top: Pick<Finished, 'what' | 'id'>, below: BelowBy): readonly Below[] {
  return (below.get(nameOf(refOf(top))) ?? []).flatMap((one) => [...familyOf(one, below), one])
}

function put(below: BelowBy, above: string, one: Below): void {
  getOrInsert(below, above, () => []).push(one)
}

/** The threads of these runs and of their child runs, by the top-level run. */
async function threadsOf(
  runs: readonly Expired[],
  below: BelowBy,
  view: EngineView,
  clock: Clock,
): Promise<ReadonlyMap<string, readonly string[]>> {
  const tops = new Map(runs.flatMap((one) => [one, ...familyOf(one, below)].map(({ id }) => [id, one.id])))
  const threads = new Map(runs.map(({ id }) => [id, [] as string[]]))
  for await (const { key, index } of listedOf(view, KIND.thread, clock)) {
    const top = tops.get(runOf(key))
    if (top !== undefined && index.aside) threads.get(top)!.push(key)
  }
  return threads
}

/** A question of a step that names no thread gets the thread `RUN.STEP`; the id of a step has no dot. */
const runOf = (thread: string): string => thread.slice(0, Math.max(0, thread.lastIndexOf('.')))

type Going = { readonly others: readonly Gone[]; readonly run: Gone }
const all = ({ others, run }: Going): readonly Gone[] => [...others, run]
type Family = { readonly threads: readonly string[]; readonly below: readonly Below[] }

async function lookAt(parts: Parts, run: Expired, { threads, below }: Family): Promise<Going> {
  const others: Gone[] = await Array.fromAsync(threads, async (id) => ({
    what: 'thread',
    why: 'its run goes',
    id,
    bytes: await sizeOf(parts, threadRef(id)),
  }))
  for (const one of below)
    others.push({ ...one, why: `the ${run.what} above it goes`, bytes: await sizeOf(parts, refOf(one)) })
  if (parts.measure) await rest(parts.clock)
  const bytes = await sizeOf(parts, refOf(run))
  return { others, run: { what: run.what, why: reasonOf(run, parts.limits), id: run.id, bytes } }
}

function reasonOf({ why }: Expired, { runs, runDays }: RetentionLimits): string {
  return why === 'age' ? `finished more than ${runDays} days ago` : `more than ${runs} are finished`
}

/** Asks the threads and child runs to end, and then the run. An actor that still works stays, and so does its run. */
async function expire(engine: Engine, { others, run }: Going): Promise<readonly Gone[]> {
  const answers = await Promise.all(others.map((other) => engine.ask(refOf(other), EXPIRE)))
  const gone = others.filter((_, place) => answers[place] === true)
  if (gone.length < others.length) return gone
  return (await engine.ask(refOf(run), EXPIRE)) === true ? [...gone, run] : gone
}

function refOf({ what, id }: Pick<Gone, 'what' | 'id'>): ActorRef {
  if (what === 'thread') return threadRef(id)
  return what === 'goal' ? goalRef(id) : runRef(id)
}

const EXPIRE = { type: 'expire' }

/** ms to read the events of one actor. */
const READ_TIMEOUT_MS = 2_000

/** The approximate number of bytes of all data of an actor. */
async function sizeOf({ engine: { view }, measure }: Parts, of: ActorRef): Promise<number> {
  const state = await view.peek(of)
  const { cell } = (measure && (await inspectOne(view, of))) || {}
  if (!cell) return 0
  let bytes = JSON.stringify({ ...cell, state }).length
  for await (const part of view.parts(of)) bytes += JSON.stringify(part).length
  if (cell.events === 0) return bytes
  // another node may delete it in the meantime; it then yields nothing more
  for await (const event of view.events(of, { signal: AbortSignal.timeout(READ_TIMEOUT_MS) })) {
    bytes += JSON.stringify(event).length
    if (event.n >= cell.events) break
  }
  return bytes
}

import { setImmediate } from 'node:timers/promises'
import type { Clock, EngineView, ListedActor } from '../../../engine/engine.ts'
import { KIND } from '../../../house/actors.ts'
import { listAll } from '../../../house/paging.ts'
import { parseRef } from '../../../kernel/ref.ts'
import { type RunRest, waitsByItself } from '../rest.ts'

/** Runs that are remembered. A count looks at fewer. */
const MAX_KNOWN = 20_000
/** ms without a question after which all is forgotten */
const UNUSED_MS = 600_000

/** Tells a listener the names of actors that have changed, until the function that it gives is called. */
export type WatchActors = (listener: (actor: string) => void) => () => void

/** The actors of a kind with a turn or mail, by key: 0, or when their first timer is due. */
export type MovingActors = (kind: string) => ReadonlyMap<string, number>

/** Steps that are listed before others work, and ms between two listings of all steps. */
const LISTED_AT_ONCE = 1000
const LEARNT_MS = 10_000

/** A run that waits, as long as none of these actors changes, and until the first of their timers. */
type Waiting = { readonly run: string; readonly actors: Set<string>; until: number; isOld: boolean }

type Parts = {
  readonly rest: Pick<RunRest, 'isWaiting'>
  readonly watch: WatchActors
  /** absent: each run is read */
  readonly moving?: MovingActors
  readonly view?: Pick<EngineView, 'list'>
  readonly clock: Pick<Clock, 'now' | 'elapsed'>
}

/** Remembers which runs wait, so that each question reads only those that may have changed since. */
export class WaitingRuns {
  readonly #parts: Parts
  readonly #known = new Map<string, Waiting>()
  readonly #byActor = new Map<string, Set<Waiting>>()
  #unwatch: (() => void) | undefined
  #askedAt = 0
  #learntAt = Number.NEGATIVE_INFINITY

  constructor(parts: Parts) {
    this.#parts = parts
  }

  /** Whether it is known without reading that a run waits. */
  isKnown(run: string): boolean {
    return this.#parts.clock.now() < (this.#known.get(run)?.until ?? Number.NEGATIVE_INFINITY)
  }

  async isWaiting(run: string): Promise<boolean> {
    const { rest, watch, clock } = this.#parts
    this.#askedAt = clock.elapsed()
    this.#unwatch ??= watch((actor) => this.#changed(actor))
    if (this.isKnown(run)) return true
    const found: Waiting = { run, actors: new Set(), until: Number.POSITIVE_INFINITY, isOld: false }
    try {
      const isWaiting = await rest.isWaiting(run, (actor, due) => this.#note(found, actor, due))
      if (isWaiting && !found.isOld) this.#keep(found)
      return isWaiting
    } finally {
      if (this.#known.get(run) !== found) this.#forget(found)
    }
  }

  /**
   * Finds the runs whose steps all wait by themselves, from the indexes of all steps: a process that knows none of many
   * runs would read each of them several times. A run with mail, a turn or another wait is read when somebody asks.
   */
  async learn(): Promise<void> {
    const { view, moving, watch, clock } = this.#parts
    if (!view || !moving || clock.elapsed() - this.#learntAt < LEARNT_MS) return
    this.#askedAt = this.#learntAt = clock.elapsed()
    this.#unwatch ??= watch((actor) => this.#changed(actor))
    const changed = new Set<string>()
    const unwatch = watch((actor) => {
      for (const run of runsIn(actor)) changed.add(run)
    })
    try {
      const steps: ListedActor[] = []
      for await (const step of listAll(view, KIND.step, {}))
        if (steps.push(step) % LISTED_AT_ONCE === 0) await setImmediate()
      // a change in one of its actors names it, so none of them is noted
      for (const [run, until] of waitingBySteps(steps, moving))
        if (!changed.has(run) && !this.isKnown(run)) this.#keep({ run, actors: new Set(), until, isOld: false })
    } finally {
      unwatch()
    }
  }

  close(): void {
    this.#unwatch?.()
    this.#unwatch = undefined
    this.#known.clear()
    this.#byActor.clear()
  }

  /** An actor is noted before it is read, so a change in between is not missed. */
  #note(found: Waiting, actor: string, due = Number.POSITIVE_INFINITY): void {
    found.until = Math.min(found.until, due)
    const others = this.#byActor.get(actor)
    if (others) others.add(found)
    else this.#byActor.set(actor, new Set([found]))
    found.actors.add(actor)
  }

  #keep(found: Waiting): void {
    const before = this.#known.get(found.run)
    if (before) this.#forget(before)
    if (this.#known.size < MAX_KNOWN) this.#known.set(found.run, found)
  }

  #changed(actor: string): void {
    if (this.#parts.clock.elapsed() - this.#askedAt > UNUSED_MS) this.close()
    for (const one of this.#byActor.get(actor) ?? []) this.#forget(one)
    for (const run of runsIn(actor)) {
      const known = this.#known.get(run)
      if (known) this.#forget(known)
    }
  }

  #forget(one: Waiting): void {
    one.isOld = true
    if (this.#known.get(one.run) === one) this.#known.delete(one.run)
    for (const actor of one.actors) {
      const others = this.#byActor.get(actor)
      others?.delete(one)
      if (others?.size === 0) this.#byActor.delete(actor)
    }
  }
}

/** The runs that an actor may be, or be a step of: an id does not say where the name of a run ends. */
function* runsIn(actor: string): Generator<string> {
  const { kind, key } = parseRef(actor)
  if (kind === KIND.run) yield key
  if (kind !== KIND.step) return
  for (let dot = key.indexOf('.'); dot > 0; dot = key.indexOf('.', dot + 1)) yield key.slice(0, dot)
}

/** The runs that nothing moves and whose steps all wait by themselves, each until its first timer. Pure. */
function waitingBySteps(steps: readonly ListedActor[], moving: MovingActors): ReadonlyMap<string, number> {
  const [timesOfRuns, timesOfSteps] = [moving(KIND.run), moving(KIND.step)]
  const runs = new Map<string, number>()
  for (const { index } of steps)
    if (index.run !== undefined && !timesOfRuns.has(String(index.run)))
      runs.set(String(index.run), Number.POSITIVE_INFINITY)
  const drop = (step: string) => {
    for (const run of runsIn(`${KIND.step}/${step}`)) runs.delete(run)
  }
  for (const { key, index } of steps) if (!waitsByItself(index)) drop(key)
  for (const [key, due] of timesOfSteps)
    if (due === 0) drop(key)
    else
      for (const run of runsIn(`${KIND.step}/${key}`)) if (runs.has(run)) runs.set(run, Math.min(due, runs.get(run)!))
  return runs
}

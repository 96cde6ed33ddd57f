import type { Clock } from '../../../engine/engine.ts'
import type { RunRest } from '../rest.ts'

/** Runs that are remembered. A count looks at fewer. */
const MAX_KNOWN = 20_000
/** ms without a question after which all is forgotten */
const UNUSED_MS = 600_000

/** Tells a listener the names of actors that have changed, until the function that it gives is called. */
export type WatchActors = (listener: (actor: string) => void) => () => void

/** A run that waits, as long as none of these actors changes, and until the first of their timers. */
type Waiting = { readonly run: string; readonly actors: Set<string>; until: number; isOld: boolean }

type Parts = {
  readonly rest: Pick<RunRest, 'isWaiting'>
  readonly watch: WatchActors
  readonly clock: Pick<Clock, 'now' | 'elapsed'>
}

/** Remembers which runs wait, so that each question reads only those that may have changed since. */
export class WaitingRuns {
  readonly #parts: Parts
  readonly #known = new Map<string, Waiting>()
  readonly #byActor = new Map<string, Set<Waiting>>()
  #unwatch: (() => void) | undefined
  #askedAt = 0

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

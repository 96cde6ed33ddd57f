import { type PoolClock, poolClock } from './clock.ts'
import type { ResourceStats } from './report.ts'
import type { ResourceLimits } from './scaling/policy.ts'
import type { Resource, ResourceLack } from './worker.ts'

/** The starts of the last minute, kept beyond the end of this process. */
export interface KeptStarts {
  /** ms since each of them, oldest first */
  ages(): readonly number[]
  /** Keeps a start at this moment. */
  add(): void
  close(): void
}

/** A resource that all pools share, such as a provider's capacity, memory, or GPU slots. */
export interface SharedResource {
  readonly id: string
  /** The part that one task uses. RangeError when it exceeds the whole. */
  of(units: number): Resource
  /** Pauses the resource for this many ms, as its provider asked. */
  hold(ms: number): void
  stats(): ResourceStats
  /** Ends all callbacks. */
  close(): void
}

const MINUTE = 60_000
/** Maximum ms for which a provider's answer can put its resource on hold. */
const MAX_HOLD_MS = MINUTE

/**
 * A semaphore of `slots` with a rate limit of `perMinute`. It has no queue: waiting tasks stay in
 * their pool and are called back. `starts`: those of earlier processes, which count as well.
 */
export function createSharedResource(
  id: string,
  { slots = Number.POSITIVE_INFINITY, perMinute }: ResourceLimits,
  clock: PoolClock = poolClock,
  starts?: KeptStarts,
): SharedResource {
  const watchers = createWatchers()
  const rate = perMinute === undefined ? undefined : createRate(perMinute, clock, starts)
  let taken = 0
  let heldUntil = Number.NEGATIVE_INFINITY
  let alarm: { readonly at: number; stop(): void } | undefined

  const until = () => Math.max(heldUntil, rate?.next() ?? heldUntil)

  function isFree(units: number): boolean {
    if (taken + units > slots) return false
    const at = until()
    if (at <= clock.elapsed()) return true
    wakeAt(at)
    return false
  }

  function lackOf(units: number): ResourceLack | undefined {
    if (taken + units > slots) return { why: `${id}: ${taken} of ${slots} are taken` }
    const at = until()
    const delay = at - clock.elapsed()
    if (delay <= 0) return undefined
    const limit = at === heldUntil ? 'its provider asked for a pause' : `${perMinute} per minute`
    return { why: `${id}: ${limit}, next in ${Math.ceil(delay / 1000)} s`, delay }
  }

  // only set a timer if someone waits for the resource
  function wakeAt(at: number): void {
    if (alarm && alarm.at <= at) return
    alarm?.stop()
    const stop = clock.after(at - clock.elapsed(), () => {
      alarm = undefined
      watchers.wake()
    })
    alarm = { at, stop }
  }

  function take(units: number): () => void {
    taken += units
    rate?.note()
    let isBack = false
    return () => {
      if (isBack) return
      isBack = true
      taken -= units
      watchers.wake()
    }
  }

  return {
    id,
    of(units) {
      if (!(units > 0 && units <= slots)) throw new RangeError(`${units} of ${id}: there are ${slots}`)
      return {
        id,
        ...(Number.isFinite(slots) && { places: Math.floor(slots / units) }),
        free: () => isFree(units),
        lack: () => lackOf(units),
        take: () => take(units),
        watch: watchers.watch,
      }
    },
    hold(ms) {
      heldUntil = Math.max(heldUntil, clock.elapsed() + Math.min(MAX_HOLD_MS, ms))
    },
    stats: () => ({
      id,
      ...(Number.isFinite(slots) && { slots }),
      ...(perMinute !== undefined && { perMinute }),
      taken,
      held: msUntil(heldUntil),
      ...(rate && { next: msUntil(rate.next()) }),
    }),
    close() {
      alarm?.stop()
      watchers.clear()
      starts?.close()
    },
  }

  function msUntil(at: number): number {
    return Math.max(0, Math.round(at - clock.elapsed())) || 0
  }
}

/** Callbacks that are called when a resource is free again. */
function createWatchers() {
  // the number of watches for each callback: the workers of a pool share a callback
  const watchers = new Map<() => void, number>()
  return {
    watch(callback: () => void): () => void {
      watchers.set(callback, (watchers.get(callback) ?? 0) + 1)
      return () => {
        const left = (watchers.get(callback) ?? 0) - 1
        if (left > 0) watchers.set(callback, left)
        else watchers.delete(callback)
      }
    },
    // round robin: the callback served last goes to the end
    wake(): void {
      const all = [...watchers]
      const [first] = all
      if (first && watchers.delete(first[0])) watchers.set(...first)
      for (const [watcher] of all) watcher()
    },
    clear: () => watchers.clear(),
  }
}

/** Remembers the times of the last uses: the next slot is free a minute after the oldest of them. */
function createRate(perMinute: number, clock: PoolClock, starts: KeptStarts | undefined) {
  const times = new Float64Array(perMinute).fill(Number.NEGATIVE_INFINITY)
  let place = 0
  function remember(at: number): void {
    times[place] = at
    place = (place + 1) % perMinute
  }
  for (const age of starts?.ages() ?? []) remember(clock.elapsed() - age)
  return {
    next: () => times[place]! + MINUTE,
    note() {
      remember(clock.elapsed())
      starts?.add()
    },
  }
}

import { type Bell, createBell } from '../../engine/bus.ts'
import type { Numbered } from '../../engine/engine.ts'
import type { Json } from '../../kernel/schema.ts'
import { encodeEvent, encodeFault } from '../sse.ts'
import type { Filler, Outlet } from './outlet.ts'
import { createRecent } from './recent.ts'

/** What is followed: its durable events after a number, and the volatile ones from now on. */
export type Source = {
  durable(from: { readonly after: number; readonly signal: AbortSignal }): AsyncIterable<Numbered>
  volatile(signal: AbortSignal): AsyncIterable<Json>
}

/** A source that is read once for all who follow it. */
export interface Channel {
  /** Fills an outlet with the durable events after a number, each once and in order, and with the volatile ones between them. */
  join(outlet: Outlet, source: Source, after: number): Filler
}

type Follower = {
  readonly outlet: Outlet
  readonly source: Source
  readonly leaving: AbortController
  /** told when its outlet takes more, or is gone */
  readonly room: Bell
  /** the last durable event it was given */
  last: number
  /** how many volatile ones there were when it was last given one; absent: it has not come so far yet */
  deltas?: number
  /** it reads what it has missed by itself */
  behind: boolean
}

/**
 * Reads from a number on, as fast as the fastest follower takes it. Who is slower holds back only itself: it is given volatile events no
 * more, and reads by itself what is no longer at hand. `onClose` is called when nobody follows any more, or there is nothing more to come.
 */
export function openChannel(source: Source, after: number, onClose: () => void): Channel {
  const closing = new AbortController()
  const recent = createRecent(after)
  /** those that have been given all there is */
  const live = new Set<Follower>()
  const arrival = createBell()
  let followers = 0
  let deltas = 0
  /** what is said last; undefined until the source has ended */
  let ending: string | undefined

  async function tellDurable(): Promise<void> {
    for await (const { n, body } of source.durable({ after, signal: closing.signal })) {
      const text = encodeEvent({ id: n, event: 'event', data: body })
      recent.push({ n, text })
      for (const follower of live) {
        // it may have read further by itself
        if (follower.last >= n) continue
        follower.last = n
        give(follower, text)
      }
      while (live.size === 0 && !closing.signal.aborted) await arrival.heard()
    }
  }

  async function tellVolatile(): Promise<void> {
    for await (const delta of source.volatile(closing.signal)) {
      const text = encodeEvent({ event: 'delta', data: delta })
      deltas++
      for (const follower of live) {
        follower.deltas = deltas
        give(follower, text)
      }
    }
  }

  function give(follower: Follower, text: string): void {
    if (!follower.outlet.write(text)) live.delete(follower)
  }

  function end(text: string): void {
    if (ending !== undefined) return
    ending = text
    close()
    for (const follower of live) finish(follower, text)
  }

  function close(): void {
    if (closing.signal.aborted) return
    closing.abort()
    arrival.ring()
    onClose()
  }

  function goOn(follower: Follower): void {
    if (follower.leaving.signal.aborted || follower.behind) return
    if (!recent.covers(follower.last)) return void catchUp(follower)
    for (const { n, text } of recent.after(follower.last)) {
      follower.last = n
      if (!follower.outlet.write(text)) return
    }
    if (ending !== undefined) finish(follower, ending)
    else if (tellLost(follower)) live.add(follower)
    arrival.ring()
  }

  /** Volatile events it was not given are told of, not repeated. */
  function tellLost(follower: Follower): boolean {
    const count = deltas - (follower.deltas ?? deltas)
    follower.deltas = deltas
    return count === 0 || follower.outlet.write(encodeEvent({ event: 'delta', data: { type: 'deltas-lost', count } }))
  }

  async function catchUp(follower: Follower): Promise<void> {
    const { outlet, source: own, leaving, room } = follower
    follower.behind = true
    try {
      for await (const { n, body } of own.durable({ after: follower.last, signal: leaving.signal })) {
        if (leaving.signal.aborted) return
        follower.last = n
        if (!outlet.write(encodeEvent({ id: n, event: 'event', data: body }))) await room.heard()
        if (recent.covers(n)) break
      }
    } catch (error) {
      return finish(follower, encodeFault(error))
    }
    follower.behind = false
    if (recent.covers(follower.last)) goOn(follower)
    else finish(follower, '')
  }

  function finish(follower: Follower, text: string): void {
    if (follower.leaving.signal.aborted) return
    if (text !== '') follower.outlet.write(text)
    follower.outlet.end()
    leave(follower)
  }

  function leave(follower: Follower): void {
    if (follower.leaving.signal.aborted) return
    follower.leaving.abort()
    follower.room.ring()
    live.delete(follower)
    if (--followers === 0) close()
  }

  const volatile = tellVolatile()
  Promise.all([tellDurable().then(() => end('')), volatile]).catch((error: unknown) => end(encodeFault(error)))

  return {
    join(outlet, own, from) {
      followers++
      const room = createBell()
      const follower: Follower = {
        outlet,
        source: own,
        leaving: new AbortController(),
        room,
        last: from,
        behind: false,
      }
      goOn(follower)
      return {
        ready() {
          room.ring()
          goOn(follower)
        },
        leave: () => leave(follower),
      }
    },
  }
}

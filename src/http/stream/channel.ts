import { setImmediate as nextTurn } from 'node:timers/promises'
import { createAutoResetEvent } from '../../engine/bus.ts'
import { encodeEvent, encodeFault } from '../wire/sse.ts'
import { type Batch, batchOf, type Encoded, type Source } from './batch.ts'
import type { Filler, Outlet } from './event-sink.ts'
import { type Follower, give, readAlone, textOf } from './follower.ts'
import { createPace, type Pace } from './write-pacer.ts'

/** A source that is read once for all its followers. */
export interface Channel {
  /** Sends the durable events after a number, each once and in order, with the volatile ones between them. */
  join(outlet: Outlet, source: Source, after: number): Filler
  /** Whether a follower can join at this number: never if the channel started after the last existing number. */
  serves(after: number): boolean
}

/** events that wait for the next batch */
const MAX_PENDING = 64
/** This many followers get a batch before other work runs; it applies to all channels of a server together. */
export const channelPace = (): Pace => createPace(500)

/**
 * Reads from a number on at the speed of the fastest follower. A slower follower delays only
 * itself: it gets no more volatile events and reads missed ones alone. Calls `onClose` when the
 * last follower leaves or the source ends.
 */
export function openChannel(source: Source, after: number, onClose: () => void, pace = channelPace()): Channel {
  const closing = new AbortController()
  const recent = createRecent(after)
  /** followers that have received all batches */
  const live = new Set<Follower>()
  const arrival = createAutoResetEvent()
  const batches = createBatches(live, recent, pace)
  let followers = 0
  /** whether any event came: only then is the claimed position real */
  let hasCome = false
  /** the closing text; undefined until everything is sent */
  let ending: string | undefined

  async function tellDurable(): Promise<void> {
    for await (const event of source.durable({ after, signal: closing.signal })) {
      hasCome = true
      batches.put({ n: event.n, text: textOf(source, event) })
      if (batches.isFull()) await batches.delivered()
      while (live.size === 0 && !closing.signal.aborted) await arrival.wait()
    }
  }

  async function tellVolatile(): Promise<void> {
    if (!source.volatile) return
    for await (const delta of source.volatile(closing.signal))
      batches.put({ text: encodeEvent({ event: 'delta', data: delta }) })
  }

  async function end(text: string): Promise<void> {
    close()
    await batches.delivered()
    ending ??= text
    for (const follower of live) finish(follower, ending)
  }

  function close(): void {
    if (closing.signal.aborted) return
    closing.abort()
    arrival.set()
    onClose()
  }

  function goOn(follower: Follower): void {
    if (follower.gone || follower.alone) return
    if (!recent.covers(follower.last)) return void catchUp(follower)
    for (const { n, text } of recent.after(follower.last)) {
      follower.last = n
      if (!follower.outlet.write(text)) return
    }
    if (ending !== undefined) finish(follower, ending)
    else if (tellLost(follower, batches.counts.deltas)) goLive(follower)
  }

  function goLive(follower: Follower): void {
    follower.batch = batches.counts.batches
    live.add(follower)
    arrival.set()
  }

  async function catchUp(follower: Follower): Promise<void> {
    try {
      if (await readAlone(follower, recent.covers)) goOn(follower)
      else finish(follower, source.ending ?? '')
    } catch (error) {
      finish(follower, encodeFault(error))
    }
  }

  function finish(follower: Follower, text: string): void {
    if (follower.gone) return
    if (text !== '') follower.outlet.write(text)
    follower.outlet.end()
    leave(follower)
  }

  function leave(follower: Follower): void {
    if (follower.gone) return
    follower.gone = true
    follower.alone?.leaving.abort()
    follower.alone?.room.set()
    live.delete(follower)
    if (--followers === 0) close()
  }

  const fail = (error: unknown) => end(encodeFault(error))
  tellVolatile().catch(fail)
  tellDurable().then(() => end(source.ending ?? ''), fail)

  return {
    join(outlet, own, from) {
      followers++
      const follower: Follower = { outlet, source: own, last: from, batch: 0, gone: false }
      goOn(follower)
      return {
        ready() {
          follower.alone?.room.set()
          goOn(follower)
        },
        leave: () => leave(follower),
      }
    },
    serves: (from) => hasCome || from >= after,
  }
}

/** Volatile events that a follower missed are reported as lost, not repeated. */
function tellLost(follower: Follower, deltas: number): boolean {
  const count = deltas - (follower.deltas ?? deltas)
  follower.deltas = deltas
  return count === 0 || follower.outlet.write(encodeEvent({ event: 'delta', data: { type: 'deltas-lost', count } }))
}

/** Joins the events of one turn of the event loop to a batch, and gives it to the followers that are live. */
function createBatches(live: Set<Follower>, recent: Recent, pace: Pace) {
  let pending: Encoded[] = []
  let delivery: Promise<void> | undefined
  /** the number of batches, and of volatile events in them */
  const counts = { batches: 0, deltas: 0 }

  function put(event: Encoded): void {
    pending.push(event)
    delivery ??= nextTurn()
      .then(deliver)
      .finally(() => (delivery = undefined))
  }

  async function deliver(): Promise<void> {
    while (pending.length > 0) {
      const batch = batchOf(pending)
      pending = []
      counts.batches++
      counts.deltas += batch.deltas
      for (const event of batch.events) recent.push(event)
      await giveAll(batch)
    }
  }

  async function giveAll(batch: Batch): Promise<void> {
    const number = counts.batches
    for (const follower of live) {
      if (follower.batch >= number) continue
      for (let wait = pace.wait(); wait; wait = pace.wait()) await wait
      // it may have left in the meantime, or caught up by itself
      if (!live.has(follower) || follower.batch >= number) continue
      follower.deltas = counts.deltas
      if (!give(follower, batch, number)) live.delete(follower)
    }
  }

  return {
    put,
    counts,
    isFull: () => pending.length >= MAX_PENDING,
    /** Resolves when the pending events have been given. */
    delivered: () => delivery,
  }
}

/** The last events of a channel, so that a slow follower need not read them again. */
interface Recent {
  /** Stores an event, if it is durable. */
  push(event: Encoded): void
  /** Whether all events after that number are in the buffer, or will be. */
  covers(last: number): boolean
  after(last: number): readonly Durable[]
}

type Durable = Encoded & { readonly n: number }

const BUFFER_LIMITS = { events: 256, characters: 256 * 1024 }

/** Creates a buffer for the events after a number. */
function createRecent(after: number): Recent {
  let events: Durable[] = []
  let characters = 0
  let first = after

  // removes half of them at once, so that each is moved only once or twice
  function trim(): void {
    const gone = events.slice(0, Math.ceil(events.length / 2))
    events = events.slice(gone.length)
    for (const { text } of gone) characters -= text.length
    first = gone.at(-1)!.n
  }

  return {
    push({ n, text }) {
      if (n === undefined) return
      events.push({ n, text })
      characters += text.length
      if (events.length > BUFFER_LIMITS.events || characters > BUFFER_LIMITS.characters) trim()
    },
    covers: (last) => last >= first,
    after(last) {
      if (last >= (events.at(-1)?.n ?? first)) return []
      return events.slice(events.findIndex(({ n }) => n > last))
    },
  }
}

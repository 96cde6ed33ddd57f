import { type AutoResetEvent, createAutoResetEvent } from '../../engine/bus.ts'
import { encodeEvent } from '../wire/sse.ts'
import type { Batch, Durable, Source } from './batch.ts'
import type { Outlet } from './event-sink.ts'

export type Follower = {
  readonly outlet: Outlet
  readonly source: Source
  /** the number of the last durable event it received */
  last: number
  /** the number of the last batch that it received or no longer needs */
  batch: number
  /** the number of volatile events at that time; absent: it has not received a batch yet */
  deltas?: number
  /** set while it reads missed events alone */
  alone?: { readonly leaving: AbortController; readonly room: AutoResetEvent }
  gone: boolean
}

/** Sends it the batch with that number; false when it is full. */
export function give(follower: Follower, batch: Batch, number: number): boolean {
  const text = batch.textAfter(follower.last)
  follower.batch = number
  follower.last = Math.max(follower.last, batch.last)
  return text === '' || follower.outlet.write(text)
}

/** A durable event in the form that its source defines. */
export function textOf({ encode }: Source, event: Durable): string {
  return encode ? encode(event) : encodeEvent({ id: event.n, event: 'event', data: event.body })
}

/** Reads alone until it reaches the shared buffer. Resolves with false if its source ended before. */
export async function readAlone(follower: Follower, isAtHand: (last: number) => boolean): Promise<boolean> {
  const alone = { leaving: new AbortController(), room: createAutoResetEvent() }
  follower.alone = alone
  try {
    const from = { after: follower.last, signal: alone.leaving.signal }
    for await (const event of follower.source.durable(from)) {
      if (follower.gone) return false
      follower.last = event.n
      if (!follower.outlet.write(textOf(follower.source, event))) await alone.room.wait()
      if (isAtHand(event.n)) return true
    }
    return false
  } finally {
    delete follower.alone
  }
}

import { type AutoResetEvent, createAutoResetEvent } from '../../engine/bus.ts'
import { encodeEvent } from '../wire/sse.ts'
import type { Batch, Durable, Source } from './batch.ts'
import type { Outlet } from './event-sink.ts'

/** One who follows a channel. */
export type Follower = {
  readonly outlet: Outlet
  readonly source: Source
  /** the last durable event it was given */
  last: number
  /** the number of the last batch it was given, or needs no more */
  batch: number
  /** how many volatile events there were then; absent: it has not come so far yet */
  deltas?: number
  /** while it reads by itself what it has missed */
  alone?: { readonly leaving: AbortController; readonly room: AutoResetEvent }
  gone: boolean
}

/** Gives it a batch of a number; false when it is full. */
export function give(follower: Follower, batch: Batch, number: number): boolean {
  const text = batch.textAfter(follower.last)
  follower.batch = number
  follower.last = Math.max(follower.last, batch.last)
  return text === '' || follower.outlet.write(text)
}

/** A durable event as its source has it told. */
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

import type { Hold, Why } from '../../runtime/ports/inspector.ts'
import { formatDuration } from '../terminal/format.ts'

/** How long a call without a timeout runs before a line tells so, and the pause between two looks, in ms. */
const LONG_MS = 60_000
const LOOK_MS = 10_000

/** A line about work that stands still, and a key that stays while it does. */
export type Stall = { readonly key: string; readonly line: string }

/** The calls of tools that have run for long and have no timeout, with the setting that gives them one. Pure. */
export function longCalls({ of, holds, waitsFor }: Why, now: number): readonly Stall[] {
  const own = holds.filter(isUnbounded).flatMap(({ effect: { does, since = now, unbounded, until } }): Stall[] => {
    if (until !== undefined || now - since < LONG_MS) return []
    const ago = formatDuration(now - since)
    return [
      {
        key: `${of} ${since}`,
        line: `  ▸ ${of}: ${does} has run for ${ago} without a timeout; to give it one: ${unbounded}`,
      },
    ]
  })
  return [...own, ...waitsFor.flatMap((other) => longCalls(other, now))]
}

type Effect = Extract<Hold, { type: 'effect' }>
const isUnbounded = (hold: Hold): hold is Effect =>
  hold.type === 'effect' && hold.effect.unbounded !== undefined && hold.queued === undefined

/** Polls the waits of a run or a goal. Returns a function that stops polling. */
export function watchWaits(why: () => Promise<Why>, take: (why: Why) => void): () => void {
  // a caller without the right to look gets no such lines
  const looks = setInterval(() => void why().then(take, () => {}), LOOK_MS)
  return () => clearInterval(looks)
}

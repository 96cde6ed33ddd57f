import type { Encoded } from './batch.ts'

/** The last events of a channel, so that a slow follower need not read them again. */
export interface Recent {
  /** Stores an event, if it is durable. */
  push(event: Encoded): void
  /** Whether all events after that number are in the buffer, or will be. */
  covers(last: number): boolean
  after(last: number): readonly Durable[]
}

type Durable = Encoded & { readonly n: number }

const BUFFER_LIMITS = { events: 256, characters: 256 * 1024 }

/** Creates a buffer for the events after a number. */
export function createRecent(after: number): Recent {
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

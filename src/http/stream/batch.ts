/** An event as it goes over the wire; a durable one has a number. */
export type Encoded = { readonly n?: number; readonly text: string }

/** Events that are given together, so that each client costs one write. */
export interface Batch {
  readonly events: readonly Encoded[]
  /** how many of them are volatile */
  readonly deltas: number
  /** the number of the last durable one; 0 without any */
  readonly last: number
  /** What of it is new to who has the durable events up to that number. */
  textAfter(last: number): string
}

export function batchOf(events: readonly Encoded[]): Batch {
  const whole = events.map(({ text }) => text).join('')
  const numbers = events.flatMap(({ n }) => n ?? [])
  const first = numbers[0] ?? Number.POSITIVE_INFINITY
  return {
    events,
    deltas: events.length - numbers.length,
    last: numbers.at(-1) ?? 0,
    textAfter(last) {
      if (last < first) return whole
      const fresh = events.filter(({ n }) => n === undefined || n > last)
      return fresh.map(({ text }) => text).join('')
    },
  }
}

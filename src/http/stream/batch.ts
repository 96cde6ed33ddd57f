import type { NumberedEvent } from '../../engine/engine.ts'
import type { Json } from '../../kernel/json.ts'

/** An event in its wire format. A durable event has a number. */
export type Encoded = { readonly n?: number; readonly text: string }

/** Events that are sent together, so that each client costs one write. */
export interface Batch {
  readonly events: readonly Encoded[]
  /** the number of volatile events */
  readonly deltas: number
  /** the number of the last durable event; 0 without any */
  readonly last: number
  /** the text that is new for a reader of the durable events up to this number */
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

/** A numbered durable event, or its equivalent in another format. */
export type Durable = Pick<NumberedEvent, 'n' | 'body'>

/** A source to follow: durable events after a number, and volatile events from now on, if any. */
export type Source = {
  durable(from: { readonly after: number; readonly signal: AbortSignal }): AsyncIterable<Durable>
  volatile?(signal: AbortSignal): AsyncIterable<Json>
  /** The wire format of a durable event; absent: an event with that number. It must not be empty. */
  encode?(event: Durable): string
  /** text that follows the last event; absent: none */
  readonly ending?: string
}

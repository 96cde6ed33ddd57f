import type { NumberedEvent } from '../../engine/engine.ts'
import type { Json } from '../../kernel/schema.ts'

/** An event as it goes over the wire; a durable one has a number. */
export type Encoded = { readonly n?: number; readonly text: string }

/** Events that are given together, so that each client costs one write. */
export interface Batch {
  readonly events: readonly Encoded[]
  /** how many of them are volatile */
  readonly deltas: number
  /** the number of the last durable one; 0 without any */
  readonly last: number
  /** the text that is new to a reader of the durable events up to this number */
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
  /** How a durable event goes over the wire; absent: as one of that number. It is some text. */
  encode?(event: Durable): string
  /** text after the last event; absent: none */
  readonly ending?: string
}

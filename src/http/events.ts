import { z } from 'zod'
import { createBell } from '../engine/bus.ts'
import type { Numbered } from '../engine/engine.ts'
import type { Json } from '../kernel/schema.ts'
import { documentOf } from './problem.ts'
import { encodeEvent, type Sent } from './sse.ts'

/** The query of an event stream: only durable events after that number. */
export const eventsQuery = z.object({ after: z.coerce.number().int().min(0).optional() })

/** Where to read on: the query's number, else the one a client that lost its connection names. */
export function startAfter(query: z.infer<typeof eventsQuery>, lastEventId: string | undefined): number {
  if (query.after !== undefined) return query.after
  const last = Number(lastEventId ?? 0)
  return Number.isSafeInteger(last) && last > 0 ? last : 0
}

/** A stream of events that ends with its source or when the client leaves; an error on the way is its last event. */
export function eventStream(source: (leaving: AbortSignal) => AsyncIterable<Sent>): Response {
  const leaving = new AbortController()
  const events = source(leaving.signal)[Symbol.asyncIterator]()
  const body = new ReadableStream<string>({
    async pull(controller) {
      const next = await events.next().catch(faultEvent)
      if (leaving.signal.aborted) return
      if (next.value) controller.enqueue(encodeEvent(next.value))
      if (!next.done) return
      controller.close()
      leaving.abort()
    },
    cancel: () => leaving.abort(),
  })
  return new Response(body.pipeThrough(new TextEncoderStream()), {
    headers: { 'content-type': 'text/event-stream', 'cache-control': 'no-cache' },
  })
}

function faultEvent(error: unknown): IteratorResult<Sent, Sent> {
  return { done: true, value: { event: 'problem', data: documentOf(error) as Json } }
}

/** Durable and volatile events as one stream that ends with the durable ones; tokens come before the event that ends them. */
export async function* mergeEvents(
  durable: AsyncIterable<Numbered>,
  volatile: AsyncIterable<Json>,
): AsyncGenerator<Sent> {
  const bell = createBell()
  const numbered = tap(durable, bell.ring)
  const deltas = tap(volatile, bell.ring)
  for (;;) {
    const delta = deltas.take()
    const event = delta === undefined ? numbered.take() : undefined
    if (delta !== undefined) yield { event: 'delta', data: delta }
    else if (event) yield { id: event.n, event: 'event', data: event.body }
    else if (numbered.hasEnded()) return
    else await bell.heard()
  }
}

type Tap<T> = { take(): T | undefined; hasEnded(): boolean }

// Draws one item ahead, and no more: a slow client holds its source back.
function tap<T>(items: AsyncIterable<T>, ring: () => void): Tap<T> {
  const iterator = items[Symbol.asyncIterator]()
  let drawn: IteratorResult<T> | undefined
  let fault: { readonly error: unknown } | undefined
  const draw = () => {
    drawn = undefined
    iterator.next().then(
      (result) => {
        drawn = result
        ring()
      },
      (error: unknown) => {
        fault = { error }
        ring()
      },
    )
  }
  draw()
  return {
    take() {
      if (fault) throw fault.error
      if (!drawn || drawn.done) return undefined
      const { value } = drawn
      draw()
      return value
    },
    hasEnded: () => drawn?.done === true,
  }
}

import { createBus, DELETED, follow, streamTopic } from '../../../src/engine/bus.ts'
import type { NumberedEvent } from '../../../src/engine/engine.ts'
import type { Source } from '../../../src/http/stream/batch.ts'
import type { Outlet } from '../../../src/http/stream/event-sink.ts'
import { decodeEvents, type Sent } from '../../../src/http/wire/sse.ts'
import type { Json } from '../../../src/kernel/schema.ts'
import { collect } from '../bench.ts'

/** An actor whose events are followed, and how often they were read. */
export function createActor() {
  const events: NumberedEvent[] = []
  const happened = createBus<unknown>()
  const deltas = createBus<Json>()
  const counts = { reads: 0, followers: 0 }
  const source: Source = {
    async *durable(from) {
      counts.followers++
      const read = async (after: number) => {
        counts.reads++
        return events.filter(({ n }) => n > after).slice(0, 10)
      }
      try {
        for await (const event of follow(happened, 'a', read, from)) {
          if (event.body === 'fault') throw new Error('the disk is gone')
          yield event
          if (event.body === 'end') return
        }
      } finally {
        counts.followers--
      }
    },
    volatile: (signal) => streamTopic(deltas, 'a', signal),
  }
  return {
    source,
    counts,
    async tell(...bodies: Json[]) {
      for (const body of bodies) events.push({ n: events.length + 1, correlationId: 'c', body })
      happened.publish('a', undefined)
      await settled()
    },
    async emit(...items: Json[]) {
      for (const item of items) deltas.publish('a', item)
      await settled()
    },
    async go() {
      happened.publish('a', DELETED)
      await settled()
    },
  }
}

/** A client that takes what it is given, until it is told to be slow. */
export function createClient() {
  let text = ''
  const client = {
    slow: false,
    ended: false,
    /** how often it was given something while it was slow */
    kept: 0,
  }
  const outlet: Outlet = {
    write(more) {
      text += more
      if (client.slow) client.kept++
      return !client.slow
    },
    end: () => (client.ended = true),
  }
  const sent = (): Promise<Sent[]> => collect(decodeEvents(ReadableStream.from([new TextEncoder().encode(text)])))
  return Object.assign(client, { outlet, sent, numbers: async () => (await sent()).flatMap(({ id }) => id ?? []) })
}

export async function settled() {
  for (let n = 0; n < 20; n++) await new Promise(setImmediate)
}

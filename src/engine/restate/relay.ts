import { randomUUID } from 'node:crypto'
import { type Json, tryParse } from '../../kernel/json.ts'
import type { Redis } from '../../store/redis.ts'
import type { Bus, DeltasLost } from '../bus.ts'

/** A message between nodes. `lost`: number of earlier items that could not be sent. */
type RelayMessage = { readonly from: string; readonly item?: Json; readonly lost?: number }

/** Maximum topics for which a node remembers that it lost items. */
const MAX_TOPICS = 1_000

/**
 * A bus whose listeners also get the deltas of other nodes through Redis. While Redis is down they get
 * `{ type: 'deltas-lost' }` instead, with a count where it is known. Publishing never waits.
 */
export function relayBus(bus: Bus<Json>, redis: Redis, name: string): Bus<Json> {
  const self = randomUUID()
  const channels = new Map<string, { count: number; readonly leave: () => void }>()
  const lost = new Map<string, number>()
  const channelOf = (topic: string) => `${name}:${topic}`
  let hears = false

  redis.watch((now) => {
    const broke = hears && !now
    hears = now
    if (broke) for (const topic of channels.keys()) bus.publish(topic, LOST)
    if (now) for (const topic of [...lost.keys()]) publish(topic)
  })

  function publish(topic: string, item?: Json): void {
    const missed = lost.get(topic) ?? 0
    const message: RelayMessage = {
      from: self,
      ...(item !== undefined && { item }),
      ...(missed > 0 && { lost: missed }),
    }
    if (redis.publish(channelOf(topic), JSON.stringify(message))) lost.delete(topic)
    else if (item !== undefined) remember(topic, missed + 1)
  }

  function remember(topic: string, missed: number): void {
    lost.delete(topic)
    lost.set(topic, missed)
    if (lost.size > MAX_TOPICS) lost.delete(lost.keys().next().value!)
  }

  function hear(topic: string, text: string): void {
    const { from, item, lost: missed } = toldIn(text)
    if (from === self) return
    if (missed !== undefined) bus.publish(topic, { ...LOST, count: missed })
    if (item !== undefined) bus.publish(topic, item)
  }

  function join(topic: string): void {
    const known = channels.get(topic)
    if (known) known.count++
    else channels.set(topic, { count: 1, leave: redis.listen(channelOf(topic), (text) => hear(topic, text)) })
  }

  function leave(topic: string): void {
    const known = channels.get(topic)!
    if (--known.count > 0) return
    known.leave()
    channels.delete(topic)
  }

  return {
    publish(topic, item) {
      bus.publish(topic, item)
      publish(topic, item)
    },
    hasListeners: (topic) => hears || bus.hasListeners(topic),
    subscribe(topic, listener) {
      const end = bus.subscribe(topic, listener)
      join(topic)
      if (!hears) listener(LOST)
      return once(() => {
        end()
        leave(topic)
      })
    },
  }
}

/** Any client of the server could have sent the text: one that is no message of a node says nothing. */
const toldIn = (text: string): Partial<RelayMessage> => Object(tryParse(text))

const LOST = { type: 'deltas-lost' } as const satisfies DeltasLost

/** A listener may unsubscribe twice. */
function once(work: () => void): () => void {
  let done = false
  return () => {
    if (!done) work()
    done = true
  }
}

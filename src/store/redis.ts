import { loadRedis, socketOptions } from './load-redis.ts'

/** Fire-and-forget messages between processes over Redis pub/sub. */
export interface Redis {
  /** Sends unless the server is away or too slow. Returns whether it sent. */
  publish(channel: string, text: string): boolean
  /** Subscribes, also after a reconnect. Returns a function that unsubscribes. */
  listen(channel: string, listener: (text: string) => void): () => void
  /** Calls back now and on each change with whether messages arrive. */
  watch(changed: (hears: boolean) => void): void
  /** Why it does not work; undefined if it works. */
  problem(): string | undefined
  close(): void
}

export type RedisAddress = { readonly url: string; readonly username?: string; readonly password?: string }

/** Approximate bytes in flight to the server. Further messages are dropped. */
const MAX_BACKLOG_BYTES = 8 * 1024 * 1024
/** Estimated bytes per message besides its text. */
const MESSAGE_OVERHEAD_BYTES = 1_024

/** Connects and reconnects in the background. InvalidError if the package is missing. */
export async function openRedis(address: RedisAddress): Promise<Redis> {
  const { createClient } = await loadRedis()
  const options = { ...address, socket: socketOptions() }
  const publisher = createClient({ ...options, disableOfflineQueue: true })
  const subscriber = createClient(options)
  let backlog = 0
  let problem: string | undefined
  const note = (error: Error) => void (problem = error.message)
  const channels = openChannels(subscriber, note)
  for (const client of [publisher, subscriber]) {
    client.on('error', note)
    client.on('ready', () => void (problem = undefined))
    client.connect().catch(note)
  }

  return {
    publish(channel, text) {
      const weight = MESSAGE_OVERHEAD_BYTES + 2 * text.length
      if (!publisher.isReady || backlog + weight > MAX_BACKLOG_BYTES) return false
      backlog += weight
      const settle = () => void (backlog -= weight)
      publisher.publish(channel, text).catch(note).finally(settle)
      return true
    },
    listen: channels.listen,
    watch(changed) {
      for (const event of ['ready', 'error', 'end']) subscriber.on(event, () => changed(subscriber.isReady))
      changed(subscriber.isReady)
    },
    problem: () => problem,
    close() {
      for (const client of [publisher, subscriber]) client.destroy()
    },
  }
}

type Listening = { readonly channel: string; readonly listener: (text: string) => unknown }

/** Subscriptions. While the server is away, they are only remembered, so that nothing piles up. */
function openChannels(subscriber: Subscriber, note: (error: Error) => void): Pick<Redis, 'listen'> {
  const wanted = new Set<Listening>()
  const known = new Set<Listening>()

  function begin(one: Listening): void {
    if (!subscriber.isReady || known.has(one)) return
    known.add(one)
    subscriber.subscribe(one.channel, one.listener).catch((error: Error) => {
      known.delete(one)
      note(error)
    })
  }

  // the client itself restores known subscriptions after a reconnect
  function end(one: Listening): void {
    if (!subscriber.isReady || !known.delete(one)) return
    subscriber.unsubscribe(one.channel, one.listener).catch(note)
  }

  subscriber.on('ready', () => {
    for (const one of known) if (!wanted.has(one)) end(one)
    for (const one of wanted) begin(one)
  })

  return {
    listen(channel, listener) {
      // the client may restore the subscription before it learns that it ended
      const one: Listening = { channel, listener: (text) => wanted.has(one) && listener(text) }
      wanted.add(one)
      begin(one)
      return () => {
        wanted.delete(one)
        end(one)
      }
    },
  }
}

type Subscriber = {
  readonly isReady: boolean
  on(event: 'ready', listener: () => void): unknown
  subscribe(channel: string, listener: Listening['listener']): Promise<unknown>
  unsubscribe(channel: string, listener: Listening['listener']): Promise<unknown>
}

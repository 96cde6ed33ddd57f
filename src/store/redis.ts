import { loadRedis, socketOptions } from './load-redis.ts'

/** What is used of a Redis server: texts to whoever listens just now, on whatever machine. Nothing of it is kept, and nobody waits for it. */
export interface Redis {
  /** Sends unless the server is away or too slow; says whether it did. */
  publish(channel: string, text: string): boolean
  /** From soon on, also when the connection was lost and is there again; returns how to end it. */
  listen(channel: string, listener: (text: string) => void): () => void
  /** Calls back, now and on each change, with whether what others publish is heard. */
  watch(changed: (hears: boolean) => void): void
  /** Why it does not work, when it does not. */
  problem(): string | undefined
  close(): void
}

/** Where a server is, and who asks it. */
export type RedisAddress = { readonly url: string; readonly username?: string; readonly password?: string }

/** Bytes of memory, about, for what is on its way to the server; what is more is not sent. */
const MAX_BACKLOG_BYTES = 8 * 1024 * 1024
/** Bytes that a message takes beside its text. */
const MESSAGE_OVERHEAD_BYTES = 1_024

/** Goes on connecting while the server is away. An InvalidError when the package is missing. */
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

/** What is listened to, of which a server that is away is told once it is there: nothing piles up until then. */
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

  // what it is known to listen to the client itself asks for again when the server is back
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
      // the client may ask for it again before it is told that nobody listens any more
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

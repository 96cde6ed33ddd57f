import { InvalidError } from '../errors.ts'

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
const LARGEST_BACKLOG = 8 * 1024 * 1024
/** Of which each text takes so many beside its own. */
const OVERHEAD = 1_024
/** ms that connecting may take, and between two attempts at most. */
const LIMITS = { connect: 5_000, pause: 2_000 }

/** Goes on connecting while the server is away. An InvalidError when the package is missing. */
export async function openRedis(address: RedisAddress): Promise<Redis> {
  const { createClient } = await loadPackage()
  const reconnectStrategy = (nth: number) => Math.min(LIMITS.pause, 50 * 2 ** nth)
  const options = { ...address, socket: { connectTimeout: LIMITS.connect, reconnectStrategy } }
  const publisher = createClient({ ...options, disableOfflineQueue: true })
  // what it cannot be told while it is away it is told when it is there again
  const subscriber = createClient(options)
  let backlog = 0
  let problem: string | undefined
  const note = (error: Error) => void (problem = error.message)
  for (const client of [publisher, subscriber]) {
    client.on('error', note)
    client.on('ready', () => void (problem = undefined))
    client.connect().catch(note)
  }

  return {
    publish(channel, text) {
      const weight = OVERHEAD + 2 * text.length
      if (!publisher.isReady || backlog + weight > LARGEST_BACKLOG) return false
      backlog += weight
      const settle = () => void (backlog -= weight)
      publisher.publish(channel, text).catch(note).finally(settle)
      return true
    },
    listen(channel, listener) {
      subscriber.subscribe(channel, listener).catch(note)
      return () => void subscriber.unsubscribe(channel, listener).catch(note)
    },
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

async function loadPackage() {
  try {
    return await import('@redis/client')
  } catch (cause) {
    throw new InvalidError('`redis` in antiphon.yaml needs the package @redis/client', {
      code: 'peer_missing',
      hint: 'npm install @redis/client@6.3.1',
      cause,
    })
  }
}

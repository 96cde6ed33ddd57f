import { randomUUID } from 'node:crypto'
import { RetryableError } from '../../errors.ts'
import { loadRedis, socketOptions } from '../load-redis.ts'
import { createLru } from '../lru.ts'
import type { RedisAddress } from '../redis.ts'
import { type CacheEntry, type CacheLayer, type CacheTags, MAX_TTL_MS, type TagMarks } from './layer.ts'
import { markName } from './tags.ts'

/** A layer that nodes share on a Redis server. */
interface RedisCache extends CacheLayer, CacheTags {
  /** Why it does not work; undefined if it works. */
  problem(): string | undefined
  close(): void
}

const PREFIX = 'antiphon:cache:'
const keyOfTag = (tag: string) => `${PREFIX}tag:${markName(tag)}`
/** Retention of drops. Marks outlive every result that they can invalidate. */
const AGES = { expiration: { type: 'PX', value: 2 * MAX_TTL_MS } } as const
const KNOWN_BYTES = 1024 * 1024
/** Limits: characters per entry, concurrent commands, ms per command, ms for the first connection. */
const LIMITS = { entry: 1024 * 1024, commands: 1000, wait: 250, connect: 1_000 }

/**
 * Opens the layer. It reconnects in the background; while the server is away, the layer is empty.
 * @throws InvalidError if the package is missing
 */
export async function openRedisCache(address: RedisAddress): Promise<RedisCache> {
  const { createClient } = await loadRedis()
  const client = createClient({ ...address, socket: socketOptions(), disableOfflineQueue: true })
  let problem: string | undefined
  let underway = 0
  // marks for when the server is away
  const known = createLru<string>(KNOWN_BYTES)
  client.on('error', (error: Error) => void (problem = error.message))
  client.on('ready', () => void (problem = undefined))
  const connected = firstOutcome(client)
  client.connect().catch((error: Error) => void (problem = error.message))

  /** Undefined if the server is away, too slow or overloaded. */
  async function attempt<T>(command: () => Promise<T>): Promise<T | undefined> {
    if (!client.isReady) await connected
    if (!client.isReady || underway >= LIMITS.commands) return undefined
    underway++
    const asked = command()
      .catch((error: Error) => void (problem = error.message))
      .finally(() => void underway--)
    return (await inTime(asked)) ?? undefined
  }

  /** If the server lost its data, or never had any, new marks invalidate everything. */
  async function begin(name: string): Promise<string | undefined> {
    await attempt(() => client.set(name, randomUUID(), { ...AGES, condition: 'NX' }))
    return (await attempt(() => client.get(name))) ?? undefined
  }

  function lastKnown(tags: readonly string[]): TagMarks | undefined {
    const marks = tags.map((tag) => [tag, known.get(tag)] as const)
    return marks.every(([, mark]) => mark !== undefined) ? (Object.fromEntries(marks) as TagMarks) : undefined
  }

  return {
    name: 'redis',
    async get(key) {
      const said = await attempt(() => client.get(`${PREFIX}${key}`))
      return said ? (JSON.parse(said) as CacheEntry) : undefined
    },
    async set(key, entry) {
      const text = JSON.stringify(entry)
      const left = Math.round(entry.until - Date.now())
      if (text.length > LIMITS.entry || left < 1) return
      await attempt(() => client.set(`${PREFIX}${key}`, text, { expiration: { type: 'PX', value: left } }))
    },
    async marksOf(tags) {
      const asked = ['', ...tags]
      const names = asked.map(keyOfTag)
      const [first, ...others] = (await attempt(() => client.mGet(names))) ?? [undefined]
      if (first === undefined) return lastKnown(asked)
      const marks = [first ?? (await begin(names[0]!)), ...others]
      if (marks[0] === undefined) return undefined
      asked.forEach((tag, index) => known.set(tag, marks[index] ?? '', tag.length))
      return Object.fromEntries(asked.map((tag, index) => [tag, marks[index] ?? '']))
    },
    async drop(tag) {
      const mark = randomUUID()
      const said = await attempt(() => client.set(keyOfTag(tag), mark, AGES))
      if (said) known.set(tag, mark, tag.length)
      else throw new RetryableError(`The Redis server of the cache cannot be reached: ${problem ?? 'it is down'}`)
    },
    problem: () => problem,
    close: () => client.destroy(),
  }
}

/** Undefined on a timeout. */
async function inTime<T>(asked: Promise<T>): Promise<T | undefined> {
  const { promise, resolve } = Promise.withResolvers<undefined>()
  const timer = setTimeout(() => resolve(undefined), LIMITS.wait)
  try {
    return await Promise.race([asked, promise])
  } finally {
    clearTimeout(timer)
  }
}

/** Settles with the first connection or failure, or after a short timeout: short commands use the cache, too. */
function firstOutcome(client: { once(event: 'ready' | 'error', listener: () => void): unknown }): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>()
  const patience = setTimeout(resolve, LIMITS.connect)
  for (const event of ['ready', 'error'] as const) client.once(event, resolve)
  return promise.finally(() => clearTimeout(patience))
}

import { existsSync } from 'node:fs'
import { join } from 'node:path'
import type { Config } from '../../config/config.ts'
import { InvalidError } from '../../errors.ts'
import { modelTag, ownerTag } from '../../model/pool/reply-cache.ts'
import type { Redaction } from '../../secret/redaction.ts'
import { type Cache, createCache } from '../../store/cache/cache.ts'
import { diskLayer } from '../../store/cache/disk.ts'
import type { CacheLayer } from '../../store/cache/layer.ts'
import { openRedisCache } from '../../store/cache/redis.ts'
import type { CacheCounts } from '../../store/cache/report.ts'
import type { CacheControl, CacheDrop } from '../ports/maintenance.ts'

/** The cache of a runtime. It opens at the first request. */
type RuntimeCache = {
  readonly open: () => Promise<Cache>
  /** undefined: there was no request yet */
  counts(): CacheCounts | undefined
  close(): Promise<void>
}

const MIB = 1024 * 1024
const USUAL = { memory: 32, disk: 256 }

/** Caches in memory, on a Redis server if one is configured, and in the data folder. */
export function runtimeCache(
  { data, cache: said = {}, restate, environment }: Config,
  shown: Redaction['shown'],
): RuntimeCache {
  const { memory, disk, redis = restate?.redis } = { ...USUAL, ...said }
  let opening: Promise<Cache> | undefined
  let opened: Cache | undefined

  async function begin(): Promise<Cache> {
    const { REDIS_USERNAME: username, REDIS_PASSWORD: password } = environment
    const who = { ...(username && { username }), ...(password && { password }) }
    const shared = redis === undefined ? [] : [withoutSecrets(await openRedisCache({ url: redis, ...who }), shown)]
    const own = disk === 0 ? [] : [diskLayer({ folder: join(data, 'cache'), bytes: disk * MIB })]
    opened = createCache({ memory: memory * MIB, behind: [...shared, ...own] })
    return opened
  }

  return {
    open: () => (opening ??= begin()),
    counts: () => opened?.counts(),
    close: async () => opened?.close(),
  }
}

/** A layer outside the folder. A result with a secret is not stored there: without it, it would be another result. */
const withoutSecrets = <Layer extends Pick<CacheLayer, 'set'>>(layer: Layer, shown: Redaction['shown']): Layer => ({
  ...layer,
  set: (key, entry) => (shown(entry.text) === entry.text ? layer.set(key, entry) : undefined),
})

/** Resolves the name of a model. The whole of `Models` would bring the AI SDK into the public types. */
type Names = { find(name: string): string | undefined }

/** Removes the replies to an owner; resolves with their number. A cache that was never used is not opened. */
export async function forgetReplies(cache: RuntimeCache, { data, cache: said, restate }: Config, owner: string) {
  const isShared = (said?.redis ?? restate?.redis) !== undefined
  if (!cache.counts() && !isShared && !existsSync(join(data, 'cache'))) return 0
  const removed = await (await cache.open()).drop(ownerTag(owner))
  return Math.max(0, ...removed.map(({ entries }) => entries))
}

/** The cache port of a runtime; it opens the cache when needed. */
export function cacheControl({ open }: RuntimeCache, { find }: Names): CacheControl {
  function tagOf(what: CacheDrop): string | undefined {
    if ('model' in what) return modelTag(find(what.model) ?? what.model)
    if ('owner' in what) return ownerTag(what.owner)
    return 'tag' in what ? named(what.tag) : undefined
  }

  return {
    report: async () => (await open()).report(),
    async drop(what) {
      const tag = tagOf(what)
      const removed = await (await open()).drop(tag)
      return { ...(tag !== undefined && { tag }), removed }
    },
  }
}

function named(tag: string): string {
  if (tag !== '') return tag
  throw new InvalidError('Expected a tag such as `owner/ada`.', { place: { path: 'tag' } })
}

import { z } from 'zod'
import type { CacheCounts, CachePlace, CacheReport } from '../../store/cache/cache.ts'
import { maybe, type Plain, schemaOf } from './basic.ts'

const name = z.enum(['memory', 'redis', 'disk'])
const shared = z.number().meta({ description: 'calls that shared the reply of an identical running call' })
const made = z.number().meta({ description: 'calls that found no cached reply' })
const failed = z.number().meta({ description: 'failed reads and writes of a cache tier' })

export const cacheCounts = schemaOf<CacheCounts>()(
  z
    .object({ memory: z.number(), redis: z.number(), disk: z.number(), shared, made, failed })
    .meta({ id: 'CacheCounts' }),
)

const place = schemaOf<CachePlace>()(
  z
    .object({
      name,
      hits: z.number().meta({ description: 'replies served from this tier' }),
      entries: maybe(z.number()),
      bytes: maybe(z.number()),
      most: maybe(z.number().meta({ description: 'capacity in bytes' })),
      problem: maybe(z.string().meta({ description: 'why the tier does not work; absent if it works' })),
    })
    .meta({ id: 'CachePlace' }),
)

export const cacheReport = schemaOf<CacheReport>()(
  z.object({ places: z.array(place), shared, made, failed }).meta({ id: 'Cache' }),
)

const text = z.string().min(1).max(500)

/** Selects the cached replies to drop. */
export const cacheDrop = z.union([
  z.strictObject({ model: text }),
  z.strictObject({ owner: text }),
  z.strictObject({ tag: text.meta({ description: 'a tag of a step, `model/ID` or `owner/NAME`' }) }),
  z.strictObject({ all: z.literal(true) }),
])

/** Selects cached replies to drop: by model, owner or tag (a tag of a step, `model/ID`, `owner/NAME`), or all. */
export type CacheDrop = Plain<typeof cacheDrop>

/** The number of dropped replies per tier. */
export const cacheDropped = z
  .object({
    tag: maybe(z.string().meta({ description: 'absent if everything was dropped' })),
    removed: z.array(z.object({ name, entries: z.number() })),
  })
  .meta({ id: 'CacheDropped' })

/** The dropped tag (absent: everything), and the removed entries per layer. */
export type CacheDropped = Plain<typeof cacheDropped>

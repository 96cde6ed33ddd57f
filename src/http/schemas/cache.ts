import { z } from 'zod'
import type { CacheDrop, CacheDropped } from '../../runtime/ports/maintenance.ts'
import type { CacheCounts, CachePlace, CacheReport } from '../../store/cache/cache.ts'
import { maybe } from './basic.ts'

const name = z.enum(['memory', 'redis', 'disk'])
const shared = z.number().meta({ description: 'given to who asked while it was being made' })
const made = z.number().meta({ description: 'asked for, not kept, and so made' })
const failed = z.number().meta({ description: 'how often a place could neither be read nor written' })

/** How often kept replies were given again. */
export const cacheCounts: z.ZodType<CacheCounts> = z
  .object({ memory: z.number(), redis: z.number(), disk: z.number(), shared, made, failed })
  .meta({ id: 'CacheCounts' })

const place: z.ZodType<CachePlace> = z
  .object({
    name,
    hits: z.number().meta({ description: 'replies that came from there' }),
    entries: maybe(z.number()),
    bytes: maybe(z.number()),
    most: maybe(z.number().meta({ description: 'bytes at most' })),
    problem: maybe(z.string().meta({ description: 'why it does not work, when it does not' })),
  })
  .meta({ id: 'CachePlace' })

/** What is kept where. */
export const cacheReport: z.ZodType<CacheReport> = z
  .object({ places: z.array(place), shared, made, failed })
  .meta({ id: 'Cache' })

const text = z.string().min(1).max(500)

/** Which replies to drop. */
export const cacheDrop: z.ZodType<CacheDrop> = z.union([
  z.strictObject({ model: text }),
  z.strictObject({ owner: text }),
  z.strictObject({ tag: text.meta({ description: 'one that a step said, `model/ID` or `owner/NAME`' }) }),
  z.strictObject({ all: z.literal(true) }),
])

/** What was dropped. */
export const cacheDropped: z.ZodType<CacheDropped> = z
  .object({
    tag: maybe(z.string().meta({ description: 'absent: everything' })),
    removed: z.array(z.object({ name, entries: z.number() })),
  })
  .meta({ id: 'CacheDropped' })

import { z } from 'zod'
import { maybe, type Named, type Plain } from '../../document.ts'

/** The layers of a cache, nearest first. */
export const cacheLayerName = z.enum(['memory', 'redis', 'disk'])

const totals = {
  shared: z.number().meta({ description: 'calls that shared the reply of an identical running call' }),
  made: z.number().meta({ description: 'calls that found no cached reply' }),
  failed: z.number().meta({ description: 'failed reads and writes of a cache tier' }),
}

export const cacheCounts = z
  .object({ memory: z.number(), redis: z.number(), disk: z.number(), ...totals })
  .meta({ id: 'CacheCounts' })

/** Hits per layer, hits on computations in flight, misses, and failed layer accesses. */
export type CacheCounts = Plain<typeof cacheCounts>

const placeFields = {
  name: cacheLayerName,
  /** results served from this layer */
  hits: z.number().meta({ description: 'replies served from this tier' }),
  entries: maybe(z.number()),
  bytes: maybe(z.number()),
  most: maybe(z.number().meta({ description: 'capacity in bytes' })),
  /** why the layer does not work; absent if it works */
  problem: maybe(z.string().meta({ description: 'why the tier does not work; absent if it works' })),
}
export interface PlaceFields extends Named<typeof placeFields> {}

const place: z.ZodObject<PlaceFields> = z.object(placeFields).meta({ id: 'CachePlace' })

/** A cache layer, nearest first. */
export type CachePlace = Plain<typeof place>

export const cacheReport = z.object({ places: z.array(place), ...totals }).meta({ id: 'Cache' })

/** Counts since this process started. */
export type CacheReport = Plain<typeof cacheReport>

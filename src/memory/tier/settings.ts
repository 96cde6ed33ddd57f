import { z } from 'zod'
import { timeSpanSchema } from '../../lib/time/span-schema.ts'

const rows = z.int().min(1).max(10_000_000)
const limits = z.strictObject({ limit: rows.exactOptional(), ttl: timeSpanSchema.exactOptional() })
const keys = z.array(z.string().min(1).max(200)).max(100)
const share = z.number().min(0).max(1)

const isWhole = (weights: readonly number[]) => Math.abs(weights.reduce((sum, each) => sum + each, 0) - 1) < 1e-9

/** Settings of memory: how long records stay, and how they move from tier to tier. */
export const upkeepSettings = {
  keepDays: z.number().positive().max(36_500).exactOptional(),
  keepRows: rows.exactOptional(),
  tiers: z
    .strictObject({
      short: limits.exactOptional(),
      intermediate: limits.exactOptional(),
      weights: z
        .strictObject({ reward: share, reads: share, recency: share, surprise: share })
        .refine((weights) => isWhole(Object.values(weights)), 'expected four shares that sum to 1')
        .exactOptional(),
      compress: z.boolean().exactOptional(),
      drop: z.strictObject({ intermediate: keys.exactOptional(), long: keys.exactOptional() }).exactOptional(),
    })
    .exactOptional(),
}

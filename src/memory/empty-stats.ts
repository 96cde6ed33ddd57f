import type { MemoryStats } from './memory.ts'

const EMPTY_TIER = { records: 0, bytes: 0, fullBytes: 0, hits: 0 }

export const EMPTY_STATS: MemoryStats = {
  records: 0,
  bytes: 0,
  pinned: 0,
  kinds: {},
  changes: 0,
  pending: 0,
  quarantined: 0,
  tiers: { short: EMPTY_TIER, intermediate: EMPTY_TIER, long: EMPTY_TIER },
}

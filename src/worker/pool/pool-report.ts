import type { PoolClock } from '../clock.ts'
import type { PoolStats } from '../report.ts'
import type { OverdueWork } from './executor.ts'
import type { PoolCounts } from './metrics.ts'
import type { Pool } from './pool.ts'
import type { PoolQueue } from './queue.ts'
import { lackOf, statsOf } from './slot.ts'
import type { WorkerSet } from './workers.ts'

type ReportOptions = {
  readonly id: string
  readonly clock: PoolClock
  readonly counts: PoolCounts
  readonly queue: PoolQueue
  readonly staff: WorkerSet
  readonly overdue: ReadonlySet<OverdueWork>
}

export function createPoolReports({
  id,
  clock,
  counts,
  queue,
  staff,
  overdue,
}: ReportOptions): Pick<Pool, 'stats' | 'report' | 'placeOf' | 'lackOf' | 'overdue' | 'idle'> {
  function stats(): PoolStats {
    const { running, done, failed } = counts
    return { id, workers: staff.slots(), running, queued: queue.size, done, failed }
  }

  return {
    stats,
    report() {
      const { begun, retried, late, fallbacks, wait, run } = counts
      const now = clock.elapsed()
      const quantiles = ({ percentile }: typeof wait) => ({ p50: percentile(0.5), p95: percentile(0.95) })
      const each = staff.posts.map((post) => statsOf(post, now))
      const utilisation = counts.running / Math.max(1, staff.slots())
      const times = { oldest: now - (queue.since() ?? now), wait: quantiles(wait), run: quantiles(run) }
      return { ...stats(), utilisation, ...times, begun: { ...begun }, retried, late, fallbacks, each }
    },
    placeOf: queue.placeOf,
    lackOf(key) {
      const lane = queue.laneOf(key)
      return lane && lackOf(lane.posts)?.why
    },
    overdue() {
      const now = clock.elapsed()
      return [...overdue].map(({ since, post: _, ...work }) => ({ ...work, ms: now - since }))
    },
    idle() {
      const awaited = new Set([...queue.lanes()].flatMap((lane) => (lane.size > 0 ? lane.posts : [])))
      return staff.posts.filter((post) => post.running === 0 && !awaited.has(post)).map(({ worker }) => worker.id)
    },
  }
}

import type { MetricLabels, MetricPoint, MetricRegistry } from '../observe/metrics/registry.ts'
import type { CacheCounts } from '../store/cache/report.ts'
import type { PoolDocument, PoolsDocument } from '../worker/report.ts'

/** Adds the metrics of the pools from now on. */
export function countPools({ read }: MetricRegistry, pools: () => PoolsDocument): void {
  type Of = (pool: PoolDocument) => readonly MetricPoint<number>[]
  const all = (of: Of) => () => pools().items.flatMap(of)
  const gauge = (name: string, help: string, unit: string, of: Of) =>
    read('gauge', { name: `antiphon.pool.${name}`, help, unit }, all(of))
  const counter = (name: string, help: string, unit: string, of: Of) =>
    read('counter', { name: `antiphon.pool.${name}`, help, unit }, all(of))

  gauge('workers', 'Tasks that a pool runs at once at most.', '{task}', (pool) => one(pool, pool.workers))
  gauge('running', 'Tasks that a pool runs.', '{task}', (pool) => one(pool, pool.running))
  gauge('queued', 'Tasks that wait for a place in a pool.', '{task}', (pool) => one(pool, pool.queued))
  gauge('oldest', 'How long who waits has waited at most.', 's', (pool) => one(pool, pool.oldest / 1000))
  gauge('wait', 'How long tasks of late have waited.', 's', (pool) => quantiles(pool, pool.wait))
  gauge('run', 'How long tasks of late have run.', 's', (pool) => quantiles(pool, pool.run))
  gauge('utilisation', 'How much of a pool is at work.', '1', (pool) => one(pool, pool.utilisation))
  gauge('open', 'Workers with an open circuit breaker, because they have failed too often.', '{worker}', (pool) =>
    one(pool, pool.each.filter(({ breaker }) => breaker !== 'closed').length),
  )
  counter('tasks', 'Tasks that have ended.', '{task}', (pool) => [
    { labels: { ...labelsOf(pool), 'antiphon.status': 'completed' }, value: pool.done },
    { labels: { ...labelsOf(pool), 'antiphon.status': 'failed' }, value: pool.failed },
  ])
  counter('retried', 'Tasks that began once more because a worker died.', '{task}', (pool) => one(pool, pool.retried))
  counter('late', 'Tasks that ended after their time was over.', '{task}', (pool) => one(pool, pool.late))
  counter('fallbacks', 'Tasks that stood in for one that came to nothing.', '{task}', (pool) =>
    one(pool, pool.fallbacks),
  )
  counter('tokens', 'Tokens that calls of models took in a pool.', '{token}', (pool) => [
    { labels: { ...labelsOf(pool), 'gen_ai.token.type': 'input' }, value: pool.tokens.input },
    { labels: { ...labelsOf(pool), 'gen_ai.token.type': 'output' }, value: pool.tokens.output },
  ])
  counter(
    'cached_tokens',
    'Tokens of inputs that providers read from their cache, or wrote into it.',
    '{token}',
    (pool) => [
      { labels: { ...labelsOf(pool), 'antiphon.cache': 'read' }, value: pool.tokens.cacheRead ?? 0 },
      { labels: { ...labelsOf(pool), 'antiphon.cache': 'write' }, value: pool.tokens.cacheWrite ?? 0 },
    ],
  )
  counter('cost', 'Dollars that calls of models took in a pool, where prices are known.', 'USD', (pool) =>
    one(pool, pool.cost),
  )
  counter('resized', 'Changes of the size of a pool.', '{change}', (pool) => one(pool, pool.resized))
  read('gauge', { name: 'antiphon.resource.taken', help: 'What is taken of what pools share.', unit: '{slot}' }, () =>
    pools().resources.map(({ id, taken }) => ({ labels: { 'antiphon.resource': id }, value: taken })),
  )
}

const labelsOf = ({ id }: PoolDocument): MetricLabels => ({ 'antiphon.pool': id })
const one = (pool: PoolDocument, value: number): readonly MetricPoint<number>[] => [{ labels: labelsOf(pool), value }]

function quantiles(pool: PoolDocument, { p50, p95 }: PoolDocument['wait']): readonly MetricPoint<number>[] {
  return [
    { labels: { ...labelsOf(pool), quantile: '0.5' }, value: p50 / 1000 },
    { labels: { ...labelsOf(pool), quantile: '0.95' }, value: p95 / 1000 },
  ]
}

/** The work of memories, by operation and by duty. */
export type CountedMemory = {
  readonly calls: Counts
  readonly work: { readonly [duty: string]: Counts }
  readonly failed: Counts
  readonly redis?: { readonly state: 'ready' | 'degraded' }
}

type Counts = { readonly [name: string]: number }

const HITS = ['memory', 'redis', 'disk', 'shared'] as const

/** Adds the hits of the cache to the metrics, once the cache has been used. */
export function countCache({ read }: MetricRegistry, counts: () => CacheCounts | undefined): void {
  type Of = (counts: CacheCounts) => readonly MetricPoint<number>[]
  const counter = (name: string, help: string, of: Of, unit = '{reply}') =>
    read('counter', { name: `antiphon.cache.${name}`, help, unit }, () => {
      const known = counts()
      return known ? of(known) : []
    })
  counter(
    'hits',
    'Replies that were given again, by where they were kept (shared: with who was asking for it).',
    (known) => HITS.map((place) => ({ labels: { 'antiphon.place': place }, value: known[place] })),
  )
  counter('misses', 'Replies that were asked for and not kept.', ({ made }) => [{ labels: {}, value: made }])
  const failures = 'How often a place of the cache could neither be read nor written.'
  counter('failures', failures, ({ failed }) => [{ labels: {}, value: failed }], '{failure}')
}

/** Adds the work of memories to the metrics, once a memory has been used. */
export function countMemory({ read }: MetricRegistry, memory: () => CountedMemory | undefined): void {
  const points = (label: string, counts: Counts = {}) =>
    Object.entries(counts).map(([name, value]) => ({ labels: { [label]: name }, value }))
  const counter = (name: string, help: string, unit: string, of: () => readonly MetricPoint<number>[]) =>
    read('counter', { name: `antiphon.memory.${name}`, help, unit }, of)
  counter('calls', 'Calls of memories, by operation.', '{call}', () => points('antiphon.operation', memory()?.calls))
  counter('work', 'What memories did by themselves, by duty.', '{record}', () =>
    Object.entries(memory()?.work ?? {}).flatMap(([duty, counts]) =>
      points('antiphon.work', counts).map(({ labels, value }) => ({
        labels: { ...labels, 'antiphon.duty': duty },
        value,
      })),
    ),
  )
  counter('failures', 'Runs of duties of memories that failed.', '{run}', () =>
    points('antiphon.duty', memory()?.failed),
  )
  read(
    'gauge',
    { name: 'antiphon.memory.redis.ready', help: 'Whether copies on Redis are up to date: 1 or 0.', unit: '{state}' },
    () => {
      const redis = memory()?.redis
      return redis ? [{ labels: {}, value: redis.state === 'ready' ? 1 : 0 }] : []
    },
  )
}

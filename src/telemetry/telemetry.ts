/**
 * Telemetry: what this process reports about engine, models, tools and pools. `openObserving` opens the listeners that
 * the configuration names, `instrument.ts` lets a part report its work, and `metrics.ts` counts. The reports themselves
 * are in `observe/`, which knows no part.
 */

import { present } from '../lib/json/present.ts'
import { createObserver } from '../observe/create-observer.ts'
import type { LogConfig } from '../observe/log/settings.ts'
import { createMetrics } from '../observe/metrics/instruments.ts'
import { createProcessMetrics } from '../observe/metrics/process-metrics.ts'
import type { ProcessUse } from '../observe/metrics/process-use.ts'
import { prometheusText } from '../observe/metrics/prometheus.ts'
import type { MetricPoint, MetricRegistry } from '../observe/metrics/registry.ts'
import { NOOP_OBSERVER, type Observer, type ObserverListener } from '../observe/observer.ts'
import { findProvider } from '../observe/otel/context.ts'
import { readOtelSettings, type TelemetryConfig } from '../observe/otel/settings.ts'
import type { Show } from '../observe/otel/spans.ts'
import type { CacheCounts } from '../store/cache/report.ts'
import type { PoolsDocument } from '../worker/report.ts'
import { type CountedMemory, countCache, countMemory, countPools } from './metrics.ts'
import { createSeries, type SERIES_SPANS, type SeriesDocument, type SeriesValue } from './series.ts'

/** The status of a runtime, as far as metrics count it. */
type CountedStatus = {
  readonly active: readonly unknown[]
  readonly use?: ProcessUse
  readonly engine?: { readonly [count in EngineCount]: number }
  readonly replica?: { readonly behind: number }
  readonly notices?: { readonly pending: number; readonly failed: number }
  readonly cache?: CacheCounts
  readonly memory?: CountedMemory
}

type EngineCount = 'turns' | 'commits' | 'flushes' | 'bytes' | 'residents' | 'waiting'

/** The telemetry of a runtime. */
export interface Observing {
  readonly observer: Observer
  /** Adds the counts of that runtime to the metrics from now on. */
  count(status: () => CountedStatus, pools: () => PoolsDocument): void
  /** All metrics, in Prometheus format. */
  metrics(): string
  /** The numbers of the last hour or day; empty before `count`. */
  series(span?: (typeof SERIES_SPANS)[number]): SeriesDocument
  close(): Promise<void>
}

/** Opens metrics, traces and logs as configured, or for the program's provider. Without listeners there is no cost. */
export async function openObserving(
  {
    telemetry = {},
    environment,
    restate,
  }: {
    readonly telemetry?: TelemetryConfig & LogConfig
    readonly environment: Environment
    readonly restate?: unknown
  },
  { redact, shown }: { redact(text: string): string; shown: Show },
): Promise<Observing> {
  const log = await openLines(telemetry, redact)
  const receivers: ObserverListener[] = [...log]
  const failed = (what: string, because?: string) => {
    for (const { tell } of receivers) tell({ name: 'export-fail', what, ...present({ because }) })
  }
  const provider = findProvider(environment)
  const parts = { shown, failed, isReplayed: restate !== undefined }
  const program = provider && (await import('../observe/otel/program.ts')).openProgramOtel(provider, parts)
  const metrics = createMetrics(program?.registry)
  receivers.push(metrics)
  const { registry } = metrics
  const otel = program ?? (await openTelemetry(telemetry, environment, registry, failed, shown))
  const counting = createProcessMetrics(registry)
  const { metrics: isCounting = program ? program.registry !== undefined : otel !== undefined } = telemetry
  const listeners = [...(isCounting ? [metrics] : []), ...log, ...(otel ? [{ ended() {}, tell: otel.tell }] : [])]
  let samples: () => readonly SeriesValue[] = () => []
  const series = createSeries(() => samples())
  series.begin()
  return {
    series: series.read,
    observer: listeners.length === 0 ? NOOP_OBSERVER : createObserver(listeners, otel?.traces),
    count(status, pools) {
      countRuntime(registry, status)
      countPools(registry, pools)
      countCache(registry, () => status().cache)
      countMemory(registry, () => status().memory)
      samples = () => samplesOf(status(), pools())
      series.look()
    },
    metrics: () => prometheusText(registry.families()),
    async close() {
      counting.stop()
      series.stop()
      await otel?.close()
      for (const { close } of log) close()
    },
  }
}

async function openLines({ log: form = 'none', level = 'info' }: LogConfig, redact: (text: string) => string) {
  if (form === 'none') return []
  const { openLog } = await import('../observe/log/logger.ts')
  return [await openLog({ form, level, redact })]
}

async function openTelemetry(
  config: TelemetryConfig,
  environment: Environment,
  registry: MetricRegistry,
  failed: (what: string) => void,
  shown: Show,
) {
  const settings = readOtelSettings(config, environment)
  if (!settings) return undefined
  const { createOtel } = await import('../observe/otel/otel.ts')
  return createOtel(settings, registry, failed, shown)
}

function samplesOf({ active, engine, replica, use }: CountedStatus, { items }: PoolsDocument): readonly SeriesValue[] {
  return [
    { name: 'active', value: active.length },
    ...(use
      ? [
          { name: 'cpu', value: use.cpu, total: true as const },
          { name: 'memory', value: (use.group ?? use.memory) / 2 ** 20 },
        ]
      : []),
    ...(engine
      ? [
          { name: 'turns', value: engine.turns, total: true as const },
          { name: 'commits', value: engine.commits, total: true as const },
          { name: 'mail', value: engine.waiting },
        ]
      : []),
    ...(replica ? [{ name: 'behind', value: replica.behind / 1000 }] : []),
    ...items.flatMap(({ id: pool, running, queued, done }) => [
      { name: 'running', pool, value: running },
      { name: 'queued', pool, value: queued },
      { name: 'done', pool, value: done, total: true as const },
    ]),
  ]
}

type Environment = Parameters<typeof readOtelSettings>[1]

type Read = (status: CountedStatus) => readonly MetricPoint<number>[]

function countRuntime({ read }: MetricRegistry, status: () => CountedStatus): void {
  const gauge = (name: string, help: string, unit: string, of: Read) =>
    read('gauge', { name, help, unit }, () => of(status()))
  const counter = (name: string, help: string, unit: string, of: Read) =>
    read('counter', { name, help, unit }, () => of(status()))
  gauge('antiphon.work.active', 'Runs and asks that this process has under way.', '{work}', ({ active }) =>
    one(active.length),
  )
  gauge('antiphon.replica.behind', 'Time since the oldest change that the replica lacks.', 's', ({ replica }) =>
    one(replica && replica.behind / 1000),
  )
  counter('antiphon.engine.turns', 'Turns that were taken.', '{turn}', ({ engine }) => one(engine?.turns))
  counter('antiphon.engine.commits', 'Turns that changed something.', '{turn}', ({ engine }) => one(engine?.commits))
  counter('antiphon.engine.flushes', 'Batches that were given to the disk.', '{flush}', ({ engine }) =>
    one(engine?.flushes),
  )
  counter(
    'antiphon.engine.written',
    'Bytes written to the log, and to the tables for finished actors.',
    'By',
    ({ engine }) => one(engine?.bytes),
  )
  gauge('antiphon.engine.actors', 'Actors in memory.', '{actor}', ({ engine }) => one(engine?.residents))
  gauge('antiphon.notices.pending', 'Messages of `notify:` that are not delivered yet.', '{message}', ({ notices }) =>
    one(notices?.pending),
  )
  gauge(
    'antiphon.notices.failed',
    'Messages of `notify:` that were given up after a day.',
    '{message}',
    ({ notices }) => one(notices?.failed),
  )
  gauge('antiphon.engine.mail', 'Messages that wait for actors in memory.', '{message}', ({ engine }) =>
    one(engine?.waiting),
  )
}

/** A counter that only the other engine has yields no points. */
const one = (value: number | undefined): readonly MetricPoint<number>[] =>
  value === undefined ? [] : [{ labels: {}, value }]

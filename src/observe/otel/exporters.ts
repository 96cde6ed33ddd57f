import { setTimeout as sleep } from 'node:timers/promises'
import type { HrTime, Tracer } from '@opentelemetry/api'
import type { MetricData, MetricProducer } from '@opentelemetry/sdk-metrics'
import type { IdGenerator, Sampler, SpanExporter } from '@opentelemetry/sdk-trace'
import type { MetricFamily, MetricRegistry } from '../metrics/registry.ts'
import type { OtelPackages } from './packages.ts'
import type { OtelSettings } from './settings.ts'

/** Sends spans and metrics in the background, with bounds: what cannot be sent in time is dropped. */
export type OtelExport = {
  /** absent: no spans are sent */
  readonly tracer?: Tracer
  readonly ids: FixedIds
  /** Whether a new trace is sampled. */
  samples(traceId: string): boolean
  close(): Promise<void>
}

/** How long the final export may take. */
const EXPORT_TIMEOUT_MS = 3_000

type OnExportFailure = (what: string) => void

export function openOtelExport(
  packages: OtelPackages,
  settings: OtelSettings,
  registry: MetricRegistry,
  failed: OnExportFailure,
): OtelExport {
  const { api, trace } = packages
  const sampler = samplerOf(packages, settings)
  const ids = createIds(new trace.RandomIdGenerator())
  const resource = resourceOf(packages, settings)
  const spans = settings.traces === undefined ? undefined : openSpans()
  const points = settings.metrics === undefined ? undefined : openPoints(settings.metrics)

  function openSpans() {
    const exporter = reporting(new packages.spans.OTLPTraceExporter({ url: settings.traces! }), () => failed('traces'))
    return new trace.TracerProvider({
      resource,
      sampler,
      idGenerator: ids,
      spanProcessors: [new trace.BatchSpanProcessor({ exporter })],
    })
  }

  function openPoints(url: string) {
    const { MeterProvider, PeriodicExportingMetricReader } = packages.metrics
    const exporter = reporting(new packages.points.OTLPMetricExporter({ url }), () => failed('metrics'))
    const reader = new PeriodicExportingMetricReader({
      exporter,
      exportIntervalMillis: settings.interval,
      exportTimeoutMillis: Math.min(settings.interval, 10_000),
      metricProducers: [metricProducer(packages, registry)],
    })
    return new MeterProvider({ resource, readers: [reader] })
  }

  return {
    ...(spans && { tracer: spans.getTracer('antiphon') }),
    ids,
    samples: (traceId) =>
      sampler.shouldSample(api.ROOT_CONTEXT, traceId, '', api.SpanKind.INTERNAL, {}, []).decision ===
      trace.SamplingDecision.RECORD_AND_SAMPLED,
    async close() {
      const closing = Promise.allSettled([spans?.shutdown(), points?.shutdown()])
      await Promise.race([closing, sleep(EXPORT_TIMEOUT_MS, undefined, { ref: false })])
    },
  }
}

/** Without the command line, which may contain anything. */
function resourceOf({ resources }: OtelPackages, { service }: OtelSettings) {
  const detected = resources.detectResources({ detectors: [resources.envDetector, resources.hostDetector] })
  return detected.merge(resources.resourceFromAttributes({ 'service.name': service, 'process.pid': process.pid }))
}

function samplerOf({ trace }: OtelPackages, { sampler: { parentBased, ratio } }: OtelSettings): Sampler {
  const root = new trace.TraceIdRatioBasedSampler(ratio)
  return parentBased ? new trace.ParentBasedSampler({ root }) : root
}

type BatchExporter<Items> = { export(items: Items, done: Parameters<SpanExporter['export']>[1]): void }

function reporting<Items, Exporter extends BatchExporter<Items>>(
  exporter: Exporter & BatchExporter<Items>,
  failed: () => void,
): Exporter {
  const send = exporter.export.bind(exporter)
  exporter.export = (items: Items, done) =>
    send(items, (result) => {
      if (result.code !== 0) failed()
      done(result)
    })
  return exporter
}

type SpanIds = { readonly traceId: string; readonly spanId: string }

/** Random ids, except for a span with a given id. */
type FixedIds = IdGenerator & { forced<T>(own: SpanIds, start: () => T): T }

function createIds(random: IdGenerator): FixedIds {
  let forced: SpanIds | undefined
  return {
    generateTraceId: () => forced?.traceId ?? random.generateTraceId(),
    generateSpanId: () => forced?.spanId ?? random.generateSpanId(),
    forced(own, start) {
      forced = own
      try {
        return start()
      } finally {
        forced = undefined
      }
    },
  }
}

function metricProducer({ api, metrics, resources }: OtelPackages, registry: MetricRegistry): MetricProducer {
  const startTime = timeOf(registry.since)
  return {
    async collect() {
      const span = { startTime, endTime: timeOf(Date.now()) }
      const all = registry.families().map((family) => metricData({ api, metrics }, family, span))
      return {
        resourceMetrics: {
          resource: resources.emptyResource(),
          scopeMetrics: [
            { scope: { name: 'antiphon' }, metrics: all.filter(({ dataPoints }) => dataPoints.length > 0) },
          ],
        },
        errors: [],
      }
    },
  }
}

type MetricInterval = { readonly startTime: HrTime; readonly endTime: HrTime }

function metricData(
  { api, metrics }: Pick<OtelPackages, 'api' | 'metrics'>,
  family: MetricFamily,
  times: MetricInterval,
): MetricData {
  const { name, help: description, unit } = family
  const base = {
    descriptor: { name, description, unit, valueType: api.ValueType.DOUBLE },
    aggregationTemporality: metrics.AggregationTemporality.CUMULATIVE,
  }
  const { SUM, GAUGE, HISTOGRAM } = metrics.DataPointType
  if (family.type === 'histogram') {
    const dataPoints = family.points.map(({ labels: attributes, value: { bounds, counts, sum, count } }) => {
      const buckets = { boundaries: [...bounds], counts: [...counts] }
      return { ...times, attributes, value: { buckets, sum, count } }
    })
    return { ...base, dataPointType: HISTOGRAM, dataPoints }
  }
  const dataPoints = family.points.map(({ labels: attributes, value }) => ({ ...times, attributes, value }))
  if (family.type === 'gauge') return { ...base, dataPointType: GAUGE, dataPoints }
  return { ...base, dataPointType: SUM, isMonotonic: true, dataPoints }
}

const timeOf = (ms: number): HrTime => [Math.floor(ms / 1000), (ms % 1000) * 1e6]

import { setTimeout as sleep } from 'node:timers/promises'
import type { Tracer } from '@opentelemetry/api'
import type { IdGenerator, Sampler, SpanExporter } from '@opentelemetry/sdk-trace'
import type { Registry } from '../metrics/registry.ts'
import { metricProducer } from './metric-producer.ts'
import type { Packages } from './packages.ts'
import type { OtelSettings } from './settings.ts'

/** What sends spans and metrics, in the background and in bounds: what cannot be sent in time is dropped. */
export type Exporting = {
  /** absent: no spans are sent */
  readonly tracer?: Tracer
  readonly ids: Ids
  /** Whether a trace that begins here is kept. */
  samples(traceId: string): boolean
  close(): Promise<void>
}

/** ms that what is left gets to be sent. */
const PATIENCE = 3_000

type Failed = (what: string) => void

export function openExporting(
  packages: Packages,
  settings: OtelSettings,
  registry: Registry,
  failed: Failed,
): Exporting {
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
      await Promise.race([closing, sleep(PATIENCE, undefined, { ref: false })])
    },
  }
}

/** Not what the process was called with: that may hold anything. */
function resourceOf({ resources }: Packages, { service }: OtelSettings) {
  const detected = resources.detectResources({ detectors: [resources.envDetector, resources.hostDetector] })
  return detected.merge(resources.resourceFromAttributes({ 'service.name': service, 'process.pid': process.pid }))
}

function samplerOf({ trace }: Packages, { sampler: { parentBased, ratio } }: OtelSettings): Sampler {
  const root = new trace.TraceIdRatioBasedSampler(ratio)
  return parentBased ? new trace.ParentBasedSampler({ root }) : root
}

type Exports<Items> = { export(items: Items, done: Parameters<SpanExporter['export']>[1]): void }

/** An exporter whose failures are told. */
function reporting<Items, Exporter extends Exports<Items>>(
  exporter: Exporter & Exports<Items>,
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

type Own = { readonly traceId: string; readonly spanId: string }

/** Random ids, but for what is to be called by an id of its own. */
type Ids = IdGenerator & { forced<T>(own: Own, start: () => T): T }

function createIds(random: IdGenerator): Ids {
  let forced: Own | undefined
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

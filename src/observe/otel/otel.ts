import type { SpanOptions } from '@opentelemetry/api'
import type { MetricRegistry } from '../metrics/registry.ts'
import type { Tracer } from '../observer.ts'
import type { ObservedEvent } from '../semantic-conventions.ts'
import { parentOfTrace, readTraceparent, type TraceContext } from '../traceparent.ts'
import { isGivenTrace, spanIdOfWork, traceIdOfWork } from '../work-trace.ts'
import { contextAt } from './context.ts'
import { type OtelExport, openOtelExport } from './exporters.ts'
import { loadOtelPackages } from './packages.ts'
import type { OtelSettings } from './settings.ts'
import { createSpans, createWorkSpans, endWork, type Show, type SpannedWork } from './spans.ts'

/** Spans and metrics through OpenTelemetry; `tell` receives all events, `failed` is called when an export fails. */
export interface Otel {
  /** absent: only metrics are sent */
  readonly traces?: Tracer
  tell(fact: ObservedEvent): void
  /** Flushes for a short time. */
  close(): Promise<void>
}

export async function createOtel(
  settings: OtelSettings,
  registry: MetricRegistry,
  failed: (what: string) => void,
  shown: Show = (value) => value,
): Promise<Otel> {
  const exporting = openOtelExport(await loadOtelPackages(), settings, registry, failed)
  const works = createWorkSpans()
  const rootOf = rootsOf(exporting)
  const { tracer, ids } = exporting

  function finish(ended: SpannedWork): void {
    const { name, work, trace, startTime, attributes } = ended
    const own = readTraceparent(trace) ?? rootOf(work)
    const parent = parentOfTrace(trace)
    const options: SpanOptions = { startTime, attributes: shown(attributes) }
    const start = (above: TraceContext | undefined) => tracer!.startSpan(shown(name), options, contextAt(above))
    // work that began in a program with a provider has a span there already
    const span = isGivenTrace(trace)
      ? start(own)
      : ids.forced(own, () => start(parent === undefined ? undefined : { ...own, spanId: parent }))
    endWork(span, ended)
  }

  return {
    ...(tracer && { traces: createSpans({ tracer, rootOf }, shown) }),
    tell(fact) {
      const ended = tracer && fact.name === 'event-keep' ? works.over(fact) : undefined
      if (ended) finish(ended)
    },
    close: exporting.close,
  }
}

/** The root span of work that arrived without a trace. */
const rootsOf =
  ({ samples }: Pick<OtelExport, 'samples'>) =>
  (work: string): TraceContext => {
    const traceId = traceIdOfWork(work)
    return { traceId, spanId: spanIdOfWork(work), traceFlags: samples(traceId) ? 1 : 0 }
  }

import { AsyncLocalStorage } from 'node:async_hooks'
import type { SpanOptions } from '@opentelemetry/api'
import type { MetricRegistry } from '../metrics/registry.ts'
import type { Tracer } from '../observer.ts'
import type { ObservedEvent, SpanInfo } from '../semantic-conventions.ts'
import {
  parentOfTrace,
  readTraceparent,
  spanIdOfWork,
  type TraceContext,
  traceIdOfWork,
  writeTraceparent,
} from '../traceparent.ts'
import { type OtelExport, openOtelExport } from './exporters.ts'
import { loadOtelPackages, type OtelPackages } from './packages.ts'
import type { OtelSettings } from './settings.ts'
import { describeSpan, endAttributes, isSpanFailed, spanNameAtEnd } from './span-attributes.ts'
import { createWorkSpans, type EndedWork } from './work-spans.ts'

/** Spans and metrics through OpenTelemetry; `tell` receives all events, `failed` is called when an export fails. */
interface Otel {
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
): Promise<Otel> {
  const packages = await loadOtelPackages()
  const exporting = openOtelExport(packages, settings, registry, failed)
  const spans = exporting.tracer && createSpans(packages, exporting)
  return {
    ...(spans && { traces: spans }),
    tell(fact) {
      const over = fact.name === 'event-keep' ? spans?.works.over(fact) : undefined
      if (over) spans?.finish(over)
    },
    close: exporting.close,
  }
}

function createSpans({ api }: OtelPackages, { tracer, ids, samples }: OtelExport) {
  const here = new AsyncLocalStorage<TraceContext>()
  const contextOf = (place: TraceContext | undefined) =>
    place ? api.trace.setSpanContext(api.ROOT_CONTEXT, { ...place, isRemote: true }) : api.ROOT_CONTEXT
  const KINDS = { internal: api.SpanKind.INTERNAL, server: api.SpanKind.SERVER, client: api.SpanKind.CLIENT }

  /** The root span of work that arrived without a trace. */
  const rootOf = (work: string): TraceContext => {
    const traceId = traceIdOfWork(work)
    return { traceId, spanId: spanIdOfWork(work), traceFlags: samples(traceId) ? 1 : 0 }
  }

  function parentOf(info: SpanInfo): TraceContext | undefined {
    if (info.name === 'request-answer') return readTraceparent(info.trace)
    if (info.name !== 'turn-take') return here.getStore()
    return readTraceparent(info.trace) ?? rootOf(info.work)
  }

  function finish({ name, work, trace, startTime, endTime, failed, attributes }: EndedWork): void {
    const own = readTraceparent(trace) ?? rootOf(work)
    const parent = parentOfTrace(trace)
    const context = contextOf(parent === undefined ? undefined : { ...own, spanId: parent })
    const options: SpanOptions = { startTime, attributes }
    const span = ids.forced(own, () => tracer!.startSpan(name, options, context))
    if (failed) span.setStatus({ code: api.SpanStatusCode.ERROR })
    span.end(endTime)
  }

  return {
    works: createWorkSpans(),
    finish,
    within<T>(info: SpanInfo, work: (end: (noted: Parameters<typeof endAttributes>[0]) => void) => T): T {
      const { name, kind, attributes } = describeSpan(info)
      const span = tracer!.startSpan(name, { kind: KINDS[kind], attributes }, contextOf(parentOf(info)))
      return here.run(span.spanContext(), () =>
        work((noted) => {
          const better = spanNameAtEnd(info, noted)
          if (better !== undefined) span.updateName(better)
          span.setAttributes(endAttributes(noted))
          if (isSpanFailed(noted)) span.setStatus({ code: api.SpanStatusCode.ERROR })
          span.end()
        }),
      )
    },
    trace(work?: string) {
      const place = here.getStore() ?? (work === undefined ? undefined : rootOf(work))
      return place && writeTraceparent(place)
    },
    carry: <Work extends (...given: never[]) => unknown>(work: Work): Work =>
      AsyncLocalStorage.bind(work as () => void) as Work,
  }
}

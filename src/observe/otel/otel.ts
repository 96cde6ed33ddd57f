import { AsyncLocalStorage } from 'node:async_hooks'
import type { SpanOptions } from '@opentelemetry/api'
import type { Registry } from '../metrics/registry.ts'
import type { Traces } from '../observer.ts'
import type { Deed, Fact } from '../semantic-conventions.ts'
import { type Place, parentIn, readTraceparent, spanOf, traceOf, writeTraceparent } from '../traceparent.ts'
import { type Exporting, openExporting } from './exporters.ts'
import { loadPackages, type Packages } from './packages.ts'
import type { OtelSettings } from './settings.ts'
import { describe, describeEnd, hasFailed, nameAtEnd } from './span-attributes.ts'
import { createWorks, type Over } from './work-spans.ts'

/** Spans and metrics by OpenTelemetry; `tell` is told all facts, `failed` when something could not be sent. */
export interface Otel {
  /** absent: only metrics are sent */
  readonly traces?: Traces
  tell(fact: Fact): void
  /** Sends what is left, for a moment. */
  close(): Promise<void>
}

export async function openOtel(
  settings: OtelSettings,
  registry: Registry,
  failed: (what: string) => void,
): Promise<Otel> {
  const packages = await loadPackages()
  const exporting = openExporting(packages, settings, registry, failed)
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

function createSpans({ api }: Packages, { tracer, ids, samples }: Exporting) {
  const here = new AsyncLocalStorage<Place>()
  const contextOf = (place: Place | undefined) =>
    place ? api.trace.setSpanContext(api.ROOT_CONTEXT, { ...place, isRemote: true }) : api.ROOT_CONTEXT
  const KINDS = { internal: api.SpanKind.INTERNAL, server: api.SpanKind.SERVER, client: api.SpanKind.CLIENT }

  /** Where work begins that came in no trace: a span of that name is the root of its own. */
  const rootOf = (work: string): Place => {
    const traceId = traceOf(work)
    return { traceId, spanId: spanOf(work), traceFlags: samples(traceId) ? 1 : 0 }
  }

  function parentOf(deed: Deed): Place | undefined {
    if (deed.name === 'request-answer') return readTraceparent(deed.trace)
    if (deed.name !== 'turn-take') return here.getStore()
    return readTraceparent(deed.trace) ?? rootOf(deed.work)
  }

  function finish({ name, work, trace, startTime, endTime, failed, attributes }: Over): void {
    const own = readTraceparent(trace) ?? rootOf(work)
    const parent = parentIn(trace)
    const context = contextOf(parent === undefined ? undefined : { ...own, spanId: parent })
    const options: SpanOptions = { startTime, attributes }
    const span = ids.forced(own, () => tracer!.startSpan(name, options, context))
    if (failed) span.setStatus({ code: api.SpanStatusCode.ERROR })
    span.end(endTime)
  }

  return {
    works: createWorks(),
    finish,
    within<T>(deed: Deed, work: (end: (noted: Parameters<typeof describeEnd>[0]) => void) => T): T {
      const { name, kind, attributes } = describe(deed)
      const span = tracer!.startSpan(name, { kind: KINDS[kind], attributes }, contextOf(parentOf(deed)))
      return here.run(span.spanContext(), () =>
        work((noted) => {
          const better = nameAtEnd(deed, noted)
          if (better !== undefined) span.updateName(better)
          span.setAttributes(describeEnd(noted))
          if (hasFailed(noted)) span.setStatus({ code: api.SpanStatusCode.ERROR })
          span.end()
        }),
      )
    },
    trace(work?: string) {
      const place = here.getStore() ?? (work === undefined ? undefined : rootOf(work))
      return place && writeTraceparent(place)
    },
    carry: <Work extends (...given: never[]) => unknown>(work: Work): Work =>
      AsyncLocalStorage.bind(work as unknown as () => void) as unknown as Work,
  }
}

import type { ContextManager, Span, Tracer } from '@opentelemetry/api'
import { problemOf } from '../../errors.ts'
import { version } from '../../lib/package/manifest.ts'
import { type CallProvider, meteredRegistry } from '../metrics/metered.ts'
import { createMetricRegistry, type MetricRegistry } from '../metrics/registry.ts'
import type { ActorEventRecord, ObservedEvent } from '../semantic-conventions.ts'
import { readTraceparent } from '../traceparent.ts'
import { givenTrace } from '../work-trace.ts'
import { callerOf, contextAt, type ProgramProvider, placeOf } from './context.ts'
import type { Otel } from './otel.ts'
import { createSpans, createWorkSpans, endWork, type Show, type SpannedWork } from './spans.ts'

export type ProgramParts = {
  readonly shown: Show
  /** the engine may take a turn several times, and each time must do the same */
  readonly isReplayed: boolean
  /** Receives the first error of the provider. */
  failed(what: string, because: string): void
}

/** Spans and metrics through the provider of the program; `registry` counts for both, absent: it takes no metrics. */
export function openProgramOtel(
  { trace, context, metrics }: ProgramProvider,
  parts: ProgramParts,
): Otel & { readonly registry?: MetricRegistry } {
  const call = callerOf((error) => parts.failed("the program's own spans and numbers", problemOf(error).message))
  const metered = metrics && meteredRegistry(createMetricRegistry(), metrics, call)
  const tracer = call(() => trace?.getTracer('antiphon', version()))
  return {
    ...(tracer ? programSpans(tracer, context, call, parts) : { tell() {} }),
    ...(metered && { registry: metered.registry }),
    async close() {
      metered?.close()
    },
  }
}

/** Work begins with a short span, whose ids are stored as its place, and ends with one that is linked to it. */
function programSpans(
  tracer: Tracer,
  manager: ContextManager | undefined,
  call: CallProvider,
  { shown, isReplayed }: ProgramParts,
) {
  const works = createWorkSpans()
  const beginning = beginnings(tracer, shown)

  function finish(ended: SpannedWork): void {
    const { name, startTime, trace, attributes } = ended
    const place = readTraceparent(trace)
    const options = { startTime, attributes: shown(attributes), ...(place && { links: [{ context: place }] }) }
    endWork(tracer.startSpan(shown(name), options, contextAt(place)), ended)
  }

  function begin(trace: string | undefined, work: string): string | undefined {
    const place = isReplayed ? readTraceparent(trace) : call(() => beginning.start(trace, work))
    return place && givenTrace(place, work)
  }

  return {
    traces: createSpans({ tracer, manager, begin, call, rootOf: () => undefined }, shown),
    tell(fact: ObservedEvent) {
      if (fact.name !== 'event-keep') return
      call(() => beginning.end(fact))
      const ended = works.over(fact)
      if (ended) call(() => finish(ended))
    },
  }
}

/** Spans whose work has begun in a turn that is not on disk yet, at most. */
const MAX_BEGINNINGS = 10_000

/** The short spans of works, each ended once its event is on disk: a turn that is taken again has no second one. */
function beginnings(tracer: Tracer, shown: Show) {
  const open = new Map<string, Span>()

  function end(id: string, name: string): void {
    open
      .get(id)
      ?.updateName(shown(`begin ${name}`))
      .end()
    open.delete(id)
  }

  return {
    start(trace: string | undefined, work: string) {
      const options = { attributes: shown({ 'antiphon.work': work }) }
      const span = tracer.startSpan('begin', options, contextAt(readTraceparent(trace)))
      if (open.size >= MAX_BEGINNINGS) open.delete(open.keys().next().value!)
      open.set(work, span)
      return placeOf(span)
    },
    end({ of, work, index }: ActorEventRecord) {
      if (open.size === 0) return
      const key = of.slice(of.indexOf('/') + 1)
      // an ask has the id of its work, and a goal of a conversation the name of its actor
      if (of.startsWith('chain/')) end(work, 'ask')
      else if (of.startsWith('agent/')) end(open.has(of) ? of : key, `agent ${index?.agent}`)
      else if (of.startsWith('run/')) end(key, `run ${index?.name}`)
    },
  }
}

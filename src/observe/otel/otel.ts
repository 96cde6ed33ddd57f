import { AsyncLocalStorage } from 'node:async_hooks'
import type { SpanOptions } from '@opentelemetry/api'
import type { MetricRegistry } from '../metrics/registry.ts'
import type { Tracer } from '../observer.ts'
import type { ActorEventRecord, ObservedEvent, SpanInfo } from '../semantic-conventions.ts'
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
import {
  agentAttributes,
  describeSpan,
  endAttributes,
  isSpanFailed,
  type OtelAttributes,
  spanNameAtEnd,
} from './span-attributes.ts'

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
  shown: Show = (value) => value,
): Promise<Otel> {
  const packages = await loadOtelPackages()
  const exporting = openOtelExport(packages, settings, registry, failed)
  const spans = exporting.tracer && createSpans(packages, exporting, shown)
  return {
    ...(spans && { traces: spans }),
    tell(fact) {
      const over = fact.name === 'event-keep' ? spans?.works.over(fact) : undefined
      if (over) spans?.finish(over)
    },
    close: exporting.close,
  }
}

/** A value as it leaves: without secrets. */
type Show = <Value>(value: Value) => Value

function createSpans({ api }: OtelPackages, { tracer, ids, samples }: OtelExport, shown: Show) {
  const here = new AsyncLocalStorage<TraceContext & { readonly agent?: OtelAttributes | undefined }>()
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
    const options: SpanOptions = { startTime, attributes: shown(attributes) }
    const span = ids.forced(own, () => tracer!.startSpan(shown(name), options, context))
    if (failed) span.setStatus({ code: api.SpanStatusCode.ERROR })
    span.end(endTime)
  }

  return {
    works: createWorkSpans(),
    finish,
    within<T>(info: SpanInfo, work: (end: (noted: Parameters<typeof endAttributes>[0]) => void) => T): T {
      const { name, kind, attributes } = describeSpan(info)
      // of the turn around it
      const agent = info.name === 'turn-take' ? agentAttributes(info) : here.getStore()?.agent
      const known = shown(info.name === 'model-call' ? { ...attributes, ...agent } : attributes)
      const span = tracer!.startSpan(shown(name), { kind: KINDS[kind], attributes: known }, contextOf(parentOf(info)))
      return here.run({ ...span.spanContext(), agent }, () =>
        work((noted) => {
          const better = spanNameAtEnd(info, noted)
          if (better !== undefined) span.updateName(shown(better))
          span.setAttributes(shown(endAttributes(noted)))
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

/** An ended run, goal or ask; times in ms since the epoch. */
type EndedWork = {
  readonly name: string
  readonly work: string
  /** its own place */
  readonly trace?: string
  readonly startTime: number
  readonly endTime: number
  readonly failed: boolean
  readonly attributes: { readonly [name: string]: string | number }
}

/** Maximum number of works whose start is remembered. */
const MAX_OPEN_WORKS = 10_000

/** Reports each run, goal and ask when it ends, including those started by an earlier process. */
function createWorkSpans(): { over(fact: ActorEventRecord): EndedWork | undefined } {
  const began = new Map<string, number>()
  const remember = (work: string) => {
    if (began.size >= MAX_OPEN_WORKS) began.delete(began.keys().next().value!)
    began.set(work, Date.now())
  }
  return {
    over(fact) {
      const { of, work, body } = fact
      const { type } = body as { readonly type?: unknown }
      if (of.startsWith('agent/')) return type === 'goal-end' ? goalOver(fact) : undefined
      const isAsk = of.startsWith('chain/')
      if (isAsk && type === 'ask-start') remember(work)
      if (type !== (isAsk ? 'ask-end' : 'run-end') || !(isAsk || of.startsWith('run/'))) return undefined
      const startTime = began.get(work)
      began.delete(work)
      return isAsk ? askOver(fact, startTime) : runOver(fact)
    },
  }
}

function runOver({ work, trace, body, index }: ActorEventRecord): EndedWork {
  const { name = '', startedAt = 0, finishedAt = startedAt } = index ?? {}
  const status = statusIn(body)
  return {
    name: `run ${name}`,
    work,
    failed: status !== 'completed',
    ...(trace !== undefined && { trace }),
    startTime: Number(startedAt),
    endTime: Number(finishedAt),
    attributes: { 'antiphon.work': work, 'antiphon.pipeline': String(name), 'antiphon.status': status },
  }
}

/** A goal that began without telemetry has no place in a trace. */
function goalOver({ of, work, trace, body, index }: ActorEventRecord): EndedWork | undefined {
  if (trace === undefined || !index) return undefined
  const { agent, startedAt = 0, finishedAt = startedAt, rounds = 0, cost = 0, thread } = index
  const status = statusIn(body)
  const code = (body as { readonly problem?: { readonly code?: unknown } }).problem?.code
  return {
    name: `invoke_agent ${agent}`,
    work,
    trace,
    failed: status !== 'completed',
    startTime: Number(startedAt),
    endTime: Number(finishedAt),
    attributes: {
      'gen_ai.operation.name': 'invoke_agent',
      ...agentAttributes({ agent: String(agent), ...(thread !== undefined && { conversation: String(thread) }) }),
      'antiphon.actor': of,
      'antiphon.status': status,
      'antiphon.rounds': Number(rounds),
      'antiphon.cost': Number(cost),
      ...(typeof code === 'string' && { 'error.type': code }),
    },
  }
}

function askOver({ of, work, trace, body }: ActorEventRecord, startTime = Date.now()): EndedWork {
  const status = statusIn(body)
  return {
    name: 'ask',
    work,
    failed: status !== 'completed',
    startTime,
    endTime: Date.now(),
    ...(trace !== undefined && { trace }),
    attributes: { 'antiphon.work': work, 'antiphon.actor': of, 'antiphon.status': status },
  }
}

const statusIn = (body: unknown) => String((body as { readonly status?: unknown }).status)

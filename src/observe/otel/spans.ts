import { AsyncLocalStorage } from 'node:async_hooks'
import type { Context, ContextManager, Span, Tracer } from '@opentelemetry/api'
import type { CallProvider } from '../metrics/metered.ts'
import type { Tracer as ObserverTracer } from '../observer.ts'
import type { ActorEventRecord, SpanAttributes, SpanInfo } from '../semantic-conventions.ts'
import { readTraceparent, type TraceContext, writeTraceparent } from '../traceparent.ts'
import { type ActiveSpan, activeSpan } from '../work-trace.ts'
import { contextAt, placeIn, ROOT, runIn, withSpan } from './context.ts'
import { agentAttributes, describeSpan, endAttributes, isSpanFailed, spanNameAtEnd } from './span-attributes.ts'

/** A value as it leaves: without secrets. */
export type Show = <Value>(value: Value) => Value

/** The maker of spans: our own provider, or the one of the program. */
export type SpanMaker = Pick<ActiveSpan, 'begin'> & {
  readonly tracer: Tracer
  /** tells which span of the program is active; absent: only ours are known */
  readonly manager?: ContextManager | undefined
  /** calls the provider of the program; absent: the provider is ours */
  readonly call?: CallProvider
  /** The place of work that came without a trace; undefined: it has none. */
  rootOf(work: string): TraceContext | undefined
}

const KINDS = { internal: 0, server: 1, client: 2 } as const
const ERROR = 2

/** Makes a span of each reported work with a duration. The span is active while the work runs. */
export function createSpans(
  { tracer, manager, rootOf, begin, call = (made) => made() }: SpanMaker,
  shown: Show,
): ObserverTracer {
  /** The active span of the program, or of a library in it. */
  const programContext = (): Context | undefined =>
    call(() => {
      const context = manager?.active()
      return placeIn(context) && context
    })
  const programPlace = () => call(() => placeIn(manager?.active()))

  /** The context of the parent; undefined: there is to be no span. */
  function parentOf(info: SpanInfo): Context | undefined {
    if (info.name === 'turn-take') {
      const place = readTraceparent(info.trace) ?? rootOf(info.work)
      return place && contextAt(place)
    }
    const program = programContext()
    if (program) return program
    if (info.name === 'request-answer') return contextAt(readTraceparent(info.trace))
    const place = activeSpan.getStore()?.place()
    return place || info.name !== 'effect-run' ? contextAt(place) : undefined
  }

  const activate = <T>(context: Context, active: ActiveSpan, work: () => T): T => {
    const run = () => activeSpan.run(active, work)
    return manager ? runIn(manager, context, run, call) : run()
  }

  return {
    within<T>(info: SpanInfo, work: (end: (noted: SpanAttributes) => void) => T): T {
      const parent = parentOf(info)
      // of the turn around it
      const agent = info.name === 'turn-take' ? agentAttributes(info) : activeSpan.getStore()?.agent
      if (!parent) return activate(ROOT, { place: programPlace, agent, begin }, () => work(() => {}))
      const { name, kind, attributes } = describeSpan(info)
      const known = shown(info.name === 'model-call' ? { ...attributes, ...agent } : attributes)
      // the program answers the request, and this is a part of that
      const isPart = info.name === 'request-answer' && programContext() !== undefined
      const options = { kind: isPart ? KINDS.internal : KINDS[kind], attributes: known }
      const span = call(() => tracer.startSpan(shown(name), options, parent))
      // without a span, the one above it stands
      const own = span ? withSpan(parent, span) : parent
      const place = () => programPlace() ?? call(() => placeIn(own))
      const end = (noted: SpanAttributes) => {
        const better = spanNameAtEnd(info, noted)
        if (better !== undefined) span?.updateName(shown(better))
        span?.setAttributes(shown(endAttributes(noted)))
        if (isSpanFailed(noted)) span?.setStatus({ code: ERROR })
        span?.end()
      }
      return activate(own, { place, agent, begin }, () => work((noted) => call(() => end(noted))))
    },
    trace(work?: string) {
      const place = programPlace() ?? activeSpan.getStore()?.place() ?? (work === undefined ? undefined : rootOf(work))
      return place && writeTraceparent(place)
    },
    carry: <Work extends (...given: never[]) => unknown>(work: Work): Work =>
      AsyncLocalStorage.bind(work as () => void) as Work,
  }
}

/** Ends the span of a run, a goal or an ask. */
export function endWork(span: Span, { failed, endTime }: SpannedWork): void {
  if (failed) span.setStatus({ code: ERROR })
  span.end(endTime)
}

/** An ended run, goal or ask; times in ms since the epoch. */
export type SpannedWork = {
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
export function createWorkSpans(): { over(fact: ActorEventRecord): SpannedWork | undefined } {
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

function runOver({ work, trace, body, index }: ActorEventRecord): SpannedWork {
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
function goalOver({ of, work, trace, body, index }: ActorEventRecord): SpannedWork | undefined {
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

function askOver({ of, work, trace, body }: ActorEventRecord, startTime = Date.now()): SpannedWork {
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

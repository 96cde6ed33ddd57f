import type { Context, ContextManager, MeterProvider, Span, TracerProvider } from '@opentelemetry/api'
import type { CallProvider } from '../metrics/metered.ts'
import { readTraceparent, type TraceContext, writeTraceparent } from '../traceparent.ts'

/** The provider of the program: the parts that it has registered with `@opentelemetry/api`. */
export type ProgramProvider = {
  readonly trace?: TracerProvider
  readonly context?: ContextManager
  readonly metrics?: MeterProvider
}

/** Calls a provider, and tells its first error. */
export function callerOf(failed: (error: unknown) => void): CallProvider {
  let isTold = false
  return (call) => {
    try {
      return call()
    } catch (error) {
      if (!isTold) failed(error)
      isTold = true
    }
  }
}

/** Runs work once in a context, also where the manager fails before or after it. */
export function runIn<T>(
  manager: { with(context: Context, work: () => void): unknown },
  context: Context,
  work: () => T,
  call: CallProvider,
): T {
  let end: { readonly result: T } | { readonly error: unknown } | undefined
  const run = () => {
    try {
      end = { result: work() }
    } catch (error) {
      end = { error }
    }
  }
  call(() => manager.with(context, run))
  if (!end) return work()
  if ('error' in end) throw end.error
  return end.result
}

/** The provider of this program, where the API package keeps it. That package is not loaded. Undefined: it has none. */
export function findProvider({ OTEL_SDK_DISABLED }: NodeJS.ProcessEnv): ProgramProvider | undefined {
  const found: ProgramProvider | undefined = Reflect.get(globalThis, Symbol.for('opentelemetry.js.api.1'))
  return OTEL_SDK_DISABLED !== 'true' && (found?.trace || found?.metrics) ? found : undefined
}

/** The key under which every version of `@opentelemetry/api` keeps the span of a context. */
const SPAN = Symbol.for('OpenTelemetry Context Key SPAN')

/** A context as `@opentelemetry/api` has it, so that its package need not be loaded. */
const contextWith = (values: ReadonlyMap<symbol, unknown>): Context => ({
  getValue: (key) => values.get(key),
  setValue: (key, value) => contextWith(new Map(values).set(key, value)),
  deleteValue: (key) => contextWith(new Map([...values].filter(([known]) => known !== key))),
})

export const ROOT: Context = contextWith(new Map())

export const withSpan = (context: Context, span: Span): Context => context.setValue(SPAN, span)

/** The ids of a span; undefined for one of a provider that does nothing, which has zeros. */
export function placeOf(span: Span): TraceContext | undefined {
  const ids = span.spanContext()
  return readTraceparent(writeTraceparent(ids)) && ids
}

/** The ids of the span of a context. */
export function placeIn(context: Context | undefined): TraceContext | undefined {
  const span = context?.getValue(SPAN) as Span | undefined
  return span && placeOf(span)
}

/** The header that continues the trace of the active span of the program in another process. */
export function traceHeader(): { readonly traceparent?: string } {
  // a runtime tells the errors of the provider
  const place = callerOf(() => {})(() => placeIn(findProvider(process.env)?.context?.active()))
  return place ? { traceparent: writeTraceparent(place) } : {}
}

/** The parent of spans below a place that is known by its ids only. */
export function contextAt(place: TraceContext | undefined): Context {
  if (!place) return ROOT
  const span: Span = {
    spanContext: () => ({ ...place, isRemote: true }),
    isRecording: () => false,
    setAttribute: () => span,
    setAttributes: () => span,
    addEvent: () => span,
    addLink: () => span,
    addLinks: () => span,
    setStatus: () => span,
    updateName: () => span,
    recordException() {},
    end() {},
  }
  return withSpan(ROOT, span)
}

/**
 * Observation: logs, metrics and traces. Engines, pools and the runtime report to an observer and do not know where
 * the reports go. `log/` writes lines, `metrics/` counts, and `otel/` sends both and the traces to a collector.
 * Without telemetry the observer does nothing.
 */

import type { ObservedEvent, SpanAttributes, SpanInfo } from './semantic-conventions.ts'

/** Adds attributes to the current span. */
export type AddAttributes = (noted: SpanAttributes) => void

/**
 * Receives telemetry in one vocabulary, the source of traces, metrics and log lines. Never throws
 * and never blocks.
 */
export interface Observer {
  /** Whether to report turns and effects: there are many, and only traces show them. */
  readonly tracing: boolean
  /** Runs work as a span. Spans and events in it become its children. */
  span<T>(info: SpanInfo, work: (note: AddAttributes) => T): T
  tell(fact: ObservedEvent): void
  /** The traceparent for a message: the current span, or else the trace of that work. */
  trace(work?: string): string | undefined
  /** Binds a function to the current span for a later call. */
  carry<Work extends (...given: never[]) => unknown>(work: Work): Work
}

export type ObserverListener = {
  ended(info: SpanInfo, noted: SpanAttributes, ms: number, trace?: string): void
  tell(fact: ObservedEvent): void
}

export type Tracer = Pick<Observer, 'trace' | 'carry'> & {
  /** Runs work in a span, and passes a function that ends it. */
  within<T>(info: SpanInfo, work: (end: (noted: SpanAttributes) => void) => T): T
}

const noop = () => {}

/** An observer without listeners. */
export const NOOP_OBSERVER: Observer = {
  tracing: false,
  span: (_deed, work) => work(noop),
  tell: noop,
  trace: () => undefined,
  carry: (work) => work,
}

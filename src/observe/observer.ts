import type { ObservedEvent, SpanAttributes, SpanInfo } from './semantic-conventions.ts'

/** Adds attributes to the current span. */
export type AddAttributes = (noted: SpanAttributes) => void

/** Receives what a process does, in one vocabulary from which traces, metrics and log lines are made. It never throws and never blocks. */
export interface Observer {
  /** Whether turns and effects are to be told: there are many, and only a trace shows them. */
  readonly tracing: boolean
  /** Does work, and tells how long it took and what came of it; what is told meanwhile lies below it. */
  span<T>(info: SpanInfo, work: (note: AddAttributes) => T): T
  tell(fact: ObservedEvent): void
  /** What a message is to carry so that what follows from it lies below what is under way here, or, if nothing is, in the trace of that work. */
  trace(work?: string): string | undefined
  /** The same function, for a later moment: what it tells lies below what is under way now. */
  carry<Work extends (...given: never[]) => unknown>(work: Work): Work
}

/** Receives every span at its end, and every event. */
export type ObserverListener = {
  ended(info: SpanInfo, noted: SpanAttributes, ms: number, trace?: string): void
  tell(fact: ObservedEvent): void
}

/** Makes trace spans. */
export type Tracer = Pick<Observer, 'trace' | 'carry'> & {
  /** Does work in a span of its own, and gives how to end that. */
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

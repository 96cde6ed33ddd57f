import { AsyncLocalStorage } from 'node:async_hooks'
import { hash } from 'node:crypto'
import { parentOfTrace, readTraceparent, type TraceContext, writeTraceparent } from './traceparent.ts'

/** The span in which code runs. */
export type ActiveSpan = {
  /** its place in a trace; undefined: a turn that is in no trace */
  place(): TraceContext | undefined
  /** the attributes of the agent that works */
  readonly agent?: { readonly [name: string]: string | number } | undefined
  /** Begins work with a span of its own in this trace, and returns its place. Absent: the work's id gives its place. */
  readonly begin?: ((trace: string | undefined, work: string) => string | undefined) | undefined
}

/** Set by tracers only, so code without telemetry pays nothing. */
export const activeSpan = new AsyncLocalStorage<ActiveSpan>()

/** The variables that give a process its place in the trace; none without a trace. */
export function traceVariables(): { readonly [name: string]: string } {
  const place = activeSpan.getStore()?.place()
  return place ? { TRACEPARENT: writeTraceparent(place) } : {}
}

/**
 * The trace of work that began with a message of this trace: its own span, then the span of the message. A message that
 * work sends to itself has its trace already.
 */
export function workTrace(trace: string | undefined, work: string): string | undefined {
  const place = readTraceparent(trace)
  if (place && (place.spanId === spanIdOfWork(work) || parentOfTrace(trace) === givenMark(work))) return trace
  const begin = activeSpan.getStore()?.begin
  if (begin) return begin(trace, work)
  return place && `${writeTraceparent({ ...place, spanId: spanIdOfWork(work) })}-${place.spanId}`
}

/** The trace of work whose span has an id of the program's provider. */
export const givenTrace = (place: TraceContext, work: string): string => `${writeTraceparent(place)}-${givenMark(work)}`

/** Whether another provider made the span of this trace. */
export const isGivenTrace = (trace: string | undefined): boolean => parentOfTrace(trace)?.startsWith(GIVEN) === true

const GIVEN = 'given.'
const givenMark = (work: string) => `${GIVEN}${spanIdOfWork(work)}`

/**
 * The trace id of work that came without one, and the span id of any work.
 * Both follow from the work's id, so that nothing needs to be stored.
 */
export const traceIdOfWork = (work: string): string => hash('sha256', `trace ${work}`, 'hex').slice(0, 32)
export const spanIdOfWork = (work: string): string => hash('sha256', `span ${work}`, 'hex').slice(0, 16)

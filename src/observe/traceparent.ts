import { hash } from 'node:crypto'

/** A place in a trace: that of a span, or of what will be one when it is over. */
export type Place = { readonly traceId: string; readonly spanId: string; readonly traceFlags: number }

// behind its own place, work of ours says below whose it lies
const FORM = /^(?!ff)[0-9a-f]{2}-(?!0{32})([0-9a-f]{32})-(?!0{16})([0-9a-f]{16})-([0-9a-f]{2})(?:-(.*))?$/

/** The place that a W3C `traceparent` names; undefined when it names none. */
export function readTraceparent(text: string | undefined): Place | undefined {
  const [, traceId, spanId, flags] = (text !== undefined && FORM.exec(text)) || []
  if (traceId === undefined || spanId === undefined || flags === undefined) return undefined
  return { traceId, spanId, traceFlags: Number.parseInt(flags, 16) & 1 }
}

export function writeTraceparent({ traceId, spanId, traceFlags }: Place): string {
  return `00-${traceId}-${spanId}-0${traceFlags & 1}`
}

/** What work belongs to that began with a message of that trace: its own place, and behind it that of the message. */
export function traceWithin(trace: string | undefined, work: string): string | undefined {
  const place = readTraceparent(trace)
  return place && `${writeTraceparent({ ...place, spanId: spanOf(work) })}-${place.spanId}`
}

/** The span below which the work of a place lies; undefined when it is the root of its trace. */
export function parentIn(trace: string | undefined): string | undefined {
  const [, , spanId, , parent] = (trace !== undefined && FORM.exec(trace)) || []
  return parent === spanId ? undefined : parent
}

/** The trace of work that came in none, and the span of any work: they follow from its id, so that nothing is to be kept of them. */
export const traceOf = (work: string): string => hash('sha256', `trace ${work}`, 'hex').slice(0, 32)
export const spanOf = (work: string): string => hash('sha256', `span ${work}`, 'hex').slice(0, 16)

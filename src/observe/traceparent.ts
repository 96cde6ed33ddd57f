/** A place in a trace: of a span, or of one that is created when it ends. */
export type TraceContext = { readonly traceId: string; readonly spanId: string; readonly traceFlags: number }

// the last group is our extension: after its own span, a trace of our work carries the span that started it
const TRACEPARENT = /^(?!ff)[0-9a-f]{2}-(?!0{32})([0-9a-f]{32})-(?!0{16})([0-9a-f]{16})-([0-9a-f]{2})(?:-(.*))?$/

/** The trace context of a W3C `traceparent`; undefined when it is invalid. */
export function readTraceparent(text: string | undefined): TraceContext | undefined {
  const [, traceId, spanId, flags] = (text !== undefined && TRACEPARENT.exec(text)) || []
  if (traceId === undefined || spanId === undefined || flags === undefined) return undefined
  return { traceId, spanId, traceFlags: Number.parseInt(flags, 16) & 1 }
}

export function writeTraceparent({ traceId, spanId, traceFlags }: TraceContext): string {
  return `00-${traceId}-${spanId}-0${traceFlags & 1}`
}

/** The parent span of a work; undefined for the root of its trace. */
export function parentOfTrace(trace: string | undefined): string | undefined {
  const [, , spanId, , parent] = (trace !== undefined && TRACEPARENT.exec(trace)) || []
  return parent === spanId ? undefined : parent
}

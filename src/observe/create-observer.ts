import { type AddAttributes, NOOP_OBSERVER, type Observer, type ObserverListener, type Tracer } from './observer.ts'
import type { SpanAttributes } from './semantic-conventions.ts'

/** An observer that forwards to all listeners. An error in a listener does not reach the caller. */
export function createObserver(listeners: readonly ObserverListener[], traces?: Tracer): Observer {
  const within = traces?.within ?? ((_deed, work) => work(() => {}))
  return {
    tracing: traces !== undefined,
    trace: traces?.trace ?? NOOP_OBSERVER.trace,
    carry: traces?.carry ?? NOOP_OBSERVER.carry,
    span: (info, work) =>
      within(info, (endSpan) => {
        const end = (noted: SpanAttributes, ms: number) => {
          endSpan(noted)
          const trace = traces?.trace()
          for (const listener of listeners) guarded(() => listener.ended(info, noted, ms, trace))
        }
        return observeWork(work, end)
      }),
    tell(fact) {
      for (const listener of listeners) guarded(() => listener.tell(fact))
    },
  }
}

function observeWork<T>(work: (note: AddAttributes) => T, end: (noted: SpanAttributes, ms: number) => void): T {
  const began = performance.now()
  let noted: SpanAttributes = {}
  const over = (more?: SpanAttributes) => end({ ...noted, ...more }, performance.now() - began)
  try {
    const result = work((more) => void (noted = { ...noted, ...more }))
    if (!(result instanceof Promise)) {
      over()
      return result
    }
    return result.then(
      (value: unknown) => {
        over()
        return value
      },
      (error: unknown) => {
        over({ error: errorCodeOf(error) })
        throw error
      },
    ) as T
  } catch (error) {
    over({ error: errorCodeOf(error) })
    throw error
  }
}

/** Only the code of an error: its text may contain anything. */
function errorCodeOf(error: unknown): string {
  const { code, name } = (error ?? {}) as { readonly code?: unknown; readonly name?: unknown }
  const word = typeof code === 'string' ? code : typeof name === 'string' ? name : 'error'
  return /^\w{1,64}$/.test(word) ? word : 'error'
}

function guarded(tell: () => void): void {
  try {
    tell()
  } catch {
    // a failing listener must not fail the work
  }
}

import { type Listener, type Note, type Observer, SILENT, type Traces } from './observer.ts'
import type { Noted } from './semantic-conventions.ts'

/** An observer that tells all these what it is told; what a listener throws is no fault of who told. */
export function createObserver(listeners: readonly Listener[], traces?: Traces): Observer {
  const within = traces?.within ?? ((_deed, work) => work(() => {}))
  return {
    traces: traces !== undefined,
    trace: traces?.trace ?? SILENT.trace,
    carry: traces?.carry ?? SILENT.carry,
    during: (deed, work) =>
      within(deed, (endSpan) => {
        const end = (noted: Noted, ms: number) => {
          endSpan(noted)
          const trace = traces?.trace()
          for (const listener of listeners) guarded(() => listener.ended(deed, noted, ms, trace))
        }
        return measured(work, end)
      }),
    tell(fact) {
      for (const listener of listeners) {
        try {
          listener.tell(fact)
        } catch {
          // a fault in what is said of work is no fault of the work
        }
      }
    },
  }
}

function measured<T>(work: (note: Note) => T, end: (noted: Noted, ms: number) => void): T {
  const began = performance.now()
  let noted: Noted = {}
  const over = (more?: Noted) => end({ ...noted, ...more }, performance.now() - began)
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
        over({ error: codeOf(error) })
        throw error
      },
    ) as T
  } catch (error) {
    over({ error: codeOf(error) })
    throw error
  }
}

/** Of an error only its code is told: a text may hold anything. */
function codeOf(error: unknown): string {
  const { code, name } = (error ?? {}) as { readonly code?: unknown; readonly name?: unknown }
  const word = typeof code === 'string' ? code : typeof name === 'string' ? name : 'error'
  return /^\w{1,64}$/.test(word) ? word : 'error'
}

function guarded(tell: () => void): void {
  try {
    tell()
  } catch {
    // a fault in what is said of work is no fault of the work
  }
}

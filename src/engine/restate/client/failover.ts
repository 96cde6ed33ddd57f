import { setTimeout as sleep } from 'node:timers/promises'
import { BusyError } from '../../../errors.ts'
import { createLanes } from './semaphore.ts'

/** Servers of which one is as good as the other. */
export interface Servers {
  /** Asks the one that answered last, and the next one when that cannot; asks all of them again while what they answer may pass. */
  fetch(path: string, request: RequestInit, how?: How): Promise<Response>
  /** Asks that one, once: for what would be answered otherwise a second time. BusyError when nothing comes of it: then nobody knows whether it was done. */
  fetchOnce(path: string, request: RequestInit): Promise<Response>
}
/** `waits`: the answer may be long in coming, and who waits for it is in nobody's way. */
type How = { readonly passing?: Passing; readonly waits?: boolean }
/** Statuses that may pass, and for how long (ms) they are waited out. */
export type Passing = { readonly [status: number]: number }

/** ms between two times. */
const SOONEST = 20
const LATEST = 1_000

/** Requests under way at once, each of which is a connection, and how many more wait in line. */
export const AT_ONCE = { short: 128, waiting: 1_000 } as const
const LINE = 100_000

/** Servers come and go: what could not be asked is asked again for so long (ms), from the first time on that it could not. */
export const PATIENCE = 30_000
const AWAY: Passing = { 503: PATIENCE }

export function reachServers(given: string | readonly string[]): Servers {
  const urls = [given].flat()
  const short = createLanes(AT_ONCE.short, LINE)
  const waiting = createLanes(AT_ONCE.waiting, LINE)
  let current = 0

  async function askNext(path: string, request: RequestInit, waits: boolean): Promise<Attempt> {
    const lane = waits ? waiting : short
    return lane(async () => {
      const asked = current
      const made = await attempt(`${urls[asked]}${path}`, request, waits)
      if (isTrouble(made) && asked === current) current = (asked + 1) % urls.length
      return made
    })
  }

  async function askAll(path: string, request: RequestInit, waits: boolean): Promise<Attempt> {
    for (let left = urls.length - 1; ; left--) {
      const made = await askNext(path, request, waits)
      if (left <= 0 || !isTrouble(made)) return made
    }
  }

  return {
    async fetch(path, request, { passing = AWAY, waits = false } = {}) {
      let trouble: number | undefined
      for (let pause = SOONEST; ; pause = Math.min(LATEST, pause * 2)) {
        const { response, cause, isLong } = await askAll(path, request, waits)
        if (isLong) {
          trouble = undefined
          pause = SOONEST
          continue
        }
        trouble ??= performance.now()
        const waited = performance.now() - trouble
        const patience = response ? (passing[response.status] ?? 0) : PATIENCE
        if (response && waited >= patience) return response
        if (waited >= patience) throw unreachable(urls, cause)
        await sleep(pause, undefined, { ...(request.signal && { signal: request.signal }) })
      }
    },
    async fetchOnce(path, request) {
      const { response, cause } = await askNext(path, request, false)
      if (!response) throw unreachable(urls, cause)
      return response
    },
  }
}

function unreachable(urls: readonly string[], cause: unknown): BusyError {
  const { message, cause: reason } = cause as Error
  const why = reason instanceof Error ? reason.message : message
  return new BusyError(`no Restate server can be reached at ${urls.join(', ')}: ${why}`, { cause })
}

const isTrouble = ({ response, isLong }: Attempt) => !isLong && (!response || response.status >= 500)

/** What came of asking a server once: its answer, read to its end, or why there is none; `isLong`: it was reached, and answers later. */
type Attempt = { readonly response?: Response; readonly cause?: unknown; readonly isLong?: true }

/** ms after which a request that is not answered is given up, and made again. */
const LONGEST = 60_000
/** ms: who could not be reached at all is known by then. */
const REACHED = 15_000

/** Asks once. Throws only when the asker's own signal says so. */
async function attempt(url: string, request: RequestInit, waits: boolean): Promise<Attempt> {
  const { signal } = request
  // of its own, for listeners that a request leaves on a signal stay there for as long as that lives
  const ending = new AbortController()
  const end = () => ending.abort(signal?.reason)
  const tooLong = new Error(`no answer within ${LONGEST / 1000} s`)
  const timer = setTimeout(() => ending.abort(tooLong), LONGEST)
  const begun = performance.now()
  signal?.addEventListener('abort', end, { once: true })
  if (signal?.aborted) end()
  try {
    const response = await fetch(url, { ...request, signal: ending.signal })
    const body = await response.arrayBuffer()
    return { response: new Response(body.byteLength === 0 ? null : body, response) }
  } catch (cause) {
    if (signal?.aborted) throw cause
    return waits && performance.now() - begun > REACHED ? { isLong: true } : { cause }
  } finally {
    clearTimeout(timer)
    signal?.removeEventListener('abort', end)
  }
}

import { setTimeout as sleep } from 'node:timers/promises'
import { BusyError } from '../../../errors.ts'
import { createSemaphore } from './semaphore.ts'

/** A client of equivalent servers, with failover. */
export interface Servers {
  /** Calls the server that answered last, then the next if that fails. Retries all while their errors are transient. */
  fetch(path: string, request: RequestInit, how?: FetchOptions): Promise<Response>
  /** Calls that server once, as the request is not idempotent. BusyError without a response: it may have acted. */
  fetchOnce(path: string, request: RequestInit): Promise<Response>
}
/** `waits`: the response may take long, so the request counts against the larger limit. */
type FetchOptions = { readonly passing?: RetryStatuses; readonly waits?: boolean }
/** Transient statuses, and the ms during which they are retried. */
export type RetryStatuses = { readonly [status: number]: number }

/** ms between two attempts. */
const MIN_RETRY_DELAY_MS = 20
const MAX_RETRY_DELAY_MS = 1_000

/** Maximum number of requests in flight, each on its own connection; more wait in a queue. */
export const MAX_CONCURRENT = { short: 128, waiting: 1_000 } as const
const MAX_WAITING = 100_000

/** A request that reaches no server is retried for this long, from the first failure on. */
export const RECONNECT_TIMEOUT_MS = 30_000
const WHILE_UNAVAILABLE: RetryStatuses = { 503: RECONNECT_TIMEOUT_MS }

export function connectServers(given: string | readonly string[]): Servers {
  const urls = [given].flat()
  const short = createSemaphore(MAX_CONCURRENT.short, MAX_WAITING)
  const waiting = createSemaphore(MAX_CONCURRENT.waiting, MAX_WAITING)
  let current = 0

  async function askNext(path: string, request: RequestInit, waits: boolean): Promise<FetchAttempt> {
    const lane = waits ? waiting : short
    return lane(async () => {
      const asked = current
      const made = await attempt(`${urls[asked]}${path}`, request, waits)
      if (isTrouble(made) && asked === current) current = (asked + 1) % urls.length
      return made
    })
  }

  async function askAll(path: string, request: RequestInit, waits: boolean): Promise<FetchAttempt> {
    for (let left = urls.length - 1; ; left--) {
      const made = await askNext(path, request, waits)
      if (left <= 0 || !isTrouble(made)) return made
    }
  }

  return {
    async fetch(path, request, { passing = WHILE_UNAVAILABLE, waits = false } = {}) {
      let trouble: number | undefined
      for (let pause = MIN_RETRY_DELAY_MS; ; pause = Math.min(MAX_RETRY_DELAY_MS, pause * 2)) {
        const { response, cause, isLong } = await askAll(path, request, waits)
        if (isLong) {
          trouble = undefined
          pause = MIN_RETRY_DELAY_MS
          continue
        }
        trouble ??= performance.now()
        const waited = performance.now() - trouble
        const patience = response ? (passing[response.status] ?? 0) : RECONNECT_TIMEOUT_MS
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
  return new BusyError(`No Restate server can be reached at ${urls.join(', ')}: ${why}`, { cause })
}

const isTrouble = ({ response, isLong }: FetchAttempt) => !isLong && (!response || response.status >= 500)

/** One attempt at a server: its complete answer, or why it failed. `isLong`: it was reached and answers later. */
type FetchAttempt = { readonly response?: Response; readonly cause?: unknown; readonly isLong?: true }

/** A request without an answer is aborted and retried after this time. */
const REQUEST_TIMEOUT_MS = 60_000
/** After this time it is known whether the server could be reached. */
const CONNECT_TIMEOUT_MS = 15_000

/** Sends one request. Throws only when the caller's own signal aborts. */
async function attempt(url: string, request: RequestInit, waits: boolean): Promise<FetchAttempt> {
  const { signal } = request
  // a signal of its own: listeners that a request adds to a signal stay as long as the signal lives
  const ending = new AbortController()
  const end = () => ending.abort(signal?.reason)
  const tooLong = new Error(`no answer within ${REQUEST_TIMEOUT_MS / 1000} s`)
  const timer = setTimeout(() => ending.abort(tooLong), REQUEST_TIMEOUT_MS)
  const begun = performance.now()
  signal?.addEventListener('abort', end, { once: true })
  if (signal?.aborted) end()
  try {
    const response = await fetch(url, { ...request, signal: ending.signal })
    const body = await response.arrayBuffer()
    return { response: new Response(body.byteLength === 0 ? null : body, response) }
  } catch (cause) {
    if (signal?.aborted) throw cause
    return waits && performance.now() - begun > CONNECT_TIMEOUT_MS ? { isLong: true } : { cause }
  } finally {
    clearTimeout(timer)
    signal?.removeEventListener('abort', end)
  }
}

/** What came of asking a server once: its answer, read to its end, or why there is none; `isLong`: it was reached, and answers later. */
export type Attempt = { readonly response?: Response; readonly cause?: unknown; readonly isLong?: true }

/** ms after which a request that is not answered is given up, and made again. */
const LONGEST = 60_000
/** ms: who could not be reached at all is known by then. */
const REACHED = 15_000

/** Asks once. Throws only when the asker's own signal says so. */
export async function attempt(url: string, request: RequestInit, waits: boolean): Promise<Attempt> {
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

import { setTimeout as sleep } from 'node:timers/promises'
import { BusyError } from '../../errors.ts'

/** Servers of which one is as good as the other. */
export interface Servers {
  /** Asks the one that answered last, and the next one when that cannot; asks all of them again while what they answer may pass. */
  fetch(path: string, request: RequestInit, passing?: Passing): Promise<Response>
}
/** Statuses that may pass, and for how long (ms) they are waited out. */
export type Passing = { readonly [status: number]: number }

/** Servers come and go: what could not be asked is asked again for so long (ms), the asking itself not counted. */
export const PATIENCE = 30_000
const AWAY: Passing = { 503: PATIENCE }

export function reachServers(given: string | readonly string[]): Servers {
  const urls = [given].flat()
  let current = 0

  async function askNext(path: string, request: RequestInit): Promise<Attempt> {
    const asked = current
    const attempt = await askOne(`${urls[asked]}${path}`, request)
    if (isTrouble(attempt) && asked === current) current = (asked + 1) % urls.length
    return attempt
  }

  async function askAll(path: string, request: RequestInit): Promise<Attempt> {
    for (let left = urls.length - 1; ; left--) {
      const attempt = await askNext(path, request)
      if (left <= 0 || !isTrouble(attempt)) return attempt
    }
  }

  return {
    async fetch(path, request, passing = AWAY) {
      for (let waited = 0, pause = 20; ; waited += pause, pause = Math.min(1_000, pause * 2)) {
        const { response, cause } = await askAll(path, request)
        const patience = response ? (passing[response.status] ?? 0) : PATIENCE
        if (response && waited >= patience) return response
        if (waited >= patience) throw new BusyError('no Restate server can be reached', { cause })
        await sleep(pause, undefined, { ...(request.signal && { signal: request.signal }) })
      }
    },
  }
}

type Attempt = { readonly response?: Response; readonly cause?: unknown }

// read to its end, so that a server which dies while it answers has not answered
async function askOne(url: string, request: RequestInit): Promise<Attempt> {
  try {
    const response = await fetch(url, request)
    const body = await response.arrayBuffer()
    return { response: new Response(body.byteLength === 0 ? null : body, response) }
  } catch (cause) {
    if (request.signal?.aborted) throw cause
    return { cause }
  }
}

const isTrouble = ({ response }: Attempt) => !response || response.status >= 500

import type { ServeConfig } from '../../../config/serve.ts'
import { BusyError } from '../../../errors.ts'
import { networkOf } from '../address.ts'
import { createRates, type Rates, type TokenGrant } from './token-bucket.ts'

/** Admits requests within the limits; beyond them it throws a BusyError of code `too_many_requests`. */
export interface Guard {
  /** Admits a request without a valid key. */
  stranger(address: string): void
  /** Admits a request of a rare route. An IPv6 client has a whole /64 of addresses, so they count as one. */
  rare(address: string): void
  /** Admits a request of a caller. Call `leave` when it is answered; `headers` belong to the response. */
  caller(who: string, isStream: boolean): Pass
}

type Pass = { readonly headers: { readonly [name: string]: string }; leave(): void }

/** Limits for addresses without a valid key: health checks, documents, and mistakes. */
const STRANGERS = { perSecond: 10, burst: 100 }

const RARE = { perSecond: 16 / 300, burst: 16 }

const FULL = 1_000

/** Creates a guard; `now` in ms. */
export function createGuard({ requests, concurrent, streams }: ServeConfig, now: () => number): Guard {
  const strangers = createRates(STRANGERS, now)
  const rare = createRates(RARE, now)
  const callers = createRates(requests, now)
  const places = { request: createPlaces(concurrent), stream: createPlaces(streams) }
  return {
    stranger(address) {
      check(strangers.take(address))
    },
    rare(address) {
      check(rare.take(networkOf(address)))
    },
    caller(who, isStream) {
      const taken = callers.take(who)
      check(taken)
      const leave = places[isStream ? 'stream' : 'request'].enter(who)
      if (!leave) throw tooMany(isStream ? 'event streams are open' : 'requests are open at once', FULL)
      return { headers: headersOf(callers, taken), leave }
    },
  }
}

function check({ taken, wait }: TokenGrant): void {
  if (!taken) throw tooMany('requests came in a short time', wait)
}

function tooMany(what: string, delay: number): BusyError {
  return new BusyError(`Too many ${what}.`, { code: 'too_many_requests', delay })
}

/** Headers of draft-ietf-httpapi-ratelimit-headers: quota q per window w, r remaining. */
function headersOf({ rate: { perSecond, burst } }: Rates, { left }: TokenGrant): Pass['headers'] {
  const window = Math.max(1, Math.ceil(burst / perSecond))
  return {
    'ratelimit-policy': `"requests";q=${burst};w=${window}`,
    ratelimit: `"requests";r=${left};t=${Math.ceil((burst - left) / perSecond)}`,
  }
}

/** The numbers of concurrent requests by caller. */
interface Places {
  /** Admits a request, and returns the function that ends it; undefined when all places are taken. */
  enter(who: string): (() => void) | undefined
}

/** Limits each caller to that many concurrent requests. */
export function createPlaces(limit: number): Places {
  const inside = new Map<string, number>()
  const add = (who: string, change: 1 | -1) => {
    const count = (inside.get(who) ?? 0) + change
    if (count === 0) inside.delete(who)
    else inside.set(who, count)
  }
  return {
    enter(who) {
      if ((inside.get(who) ?? 0) >= limit) return undefined
      add(who, 1)
      let left = false
      return () => {
        if (left) return
        left = true
        add(who, -1)
      }
    },
  }
}

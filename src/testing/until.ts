import { setTimeout } from 'node:timers/promises'
import { TimeoutError } from '../errors.ts'

/** ms between the first looks, and at most between later ones: a look may cost what it waits for. */
const POLL_INTERVALS_MS = { first: 2, longest: 30 }

/**
 * Polls `look` until it returns a value that is neither false nor absent.
 * TimeoutError after 25 s, or the given ms. For conditions that no promise announces.
 */
export async function until<T>(
  look: () => Promise<T> | T,
  timeout = 25_000,
): Promise<Exclude<T, false | null | undefined>> {
  const end = performance.now() + timeout
  for (let pause = POLL_INTERVALS_MS.first; performance.now() < end; pause *= 1.3) {
    const found = await look()
    if (found !== false && found !== null && found !== undefined) return found as Exclude<T, false | null | undefined>
    await setTimeout(Math.min(pause, POLL_INTERVALS_MS.longest))
  }
  throw new TimeoutError(`Not within ${timeout / 1000} s: ${look}.`)
}

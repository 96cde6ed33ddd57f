import { setTimeout } from 'node:timers/promises'
import { TimeoutError } from '../errors.ts'

const TIMEOUT_MS = 25_000
const POLL_INTERVAL_MS = 2

/**
 * Polls `look` until it returns a value that is neither false nor absent.
 * TimeoutError after 25 s. For conditions that no promise announces.
 */
export async function until<T>(look: () => Promise<T> | T): Promise<Exclude<T, false | null | undefined>> {
  const end = performance.now() + TIMEOUT_MS
  while (performance.now() < end) {
    const found = await look()
    if (found !== false && found !== null && found !== undefined) return found as Exclude<T, false | null | undefined>
    await setTimeout(POLL_INTERVAL_MS)
  }
  throw new TimeoutError(`Not within ${TIMEOUT_MS / 1000} s: ${look}.`)
}

import { InvalidError } from '../errors.ts'
import { missingPackage } from '../lib/package/manifest.ts'

/** ms: timeout to connect, maximum pause between attempts. */
const LIMITS = { connect: 5_000, pause: 2_000 }

/** Reconnects forever. Each client needs its own object, because the library writes into it. */
export const socketOptions = () => ({
  connectTimeout: LIMITS.connect,
  reconnectStrategy: (nth: number) => Math.min(LIMITS.pause, 50 * 2 ** nth),
})

/** @throws InvalidError that says how to install the library */
export async function loadRedis() {
  try {
    return await import('@redis/client')
  } catch (cause) {
    throw new InvalidError(
      '`redis` in antiphon.yaml needs the package @redis/client.',
      missingPackage('@redis/client', cause),
    )
  }
}

import { InvalidError } from '../errors.ts'

/** ms that connecting may take, and between two attempts at most. */
const LIMITS = { connect: 5_000, pause: 2_000 }

/** How a client connects: again and again while the server is away. Each has its own: the library writes into it where the server is. */
export const socketOptions = () => ({
  connectTimeout: LIMITS.connect,
  reconnectStrategy: (nth: number) => Math.min(LIMITS.pause, 50 * 2 ** nth),
})

/** The client library; an InvalidError that says how to install it where it is missing. */
export async function loadRedis() {
  try {
    return await import('@redis/client')
  } catch (cause) {
    throw new InvalidError('`redis` in antiphon.yaml needs the package @redis/client', {
      code: 'peer_missing',
      hint: 'npm install @redis/client@6.3.1',
      cause,
    })
  }
}

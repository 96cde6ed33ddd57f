import { InvalidError } from '../errors.ts'

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

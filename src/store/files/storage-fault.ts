import { getSystemErrorMessage } from 'node:util'
import { RetryableError } from '../../errors.ts'

/** Makes failures of the disk errors of code `storage`. They are retryable, because an operator can mend the disk. */
export async function during<T>(what: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work()
  } catch (cause) {
    throw new RetryableError(`${what}: ${reasonOf(cause as NodeJS.ErrnoException)}`, { code: 'storage', cause })
  }
}

// without the path: callers anywhere can see the reason
function reasonOf({ code, errno, message }: NodeJS.ErrnoException): string {
  return errno === undefined ? message : `${code}: ${getSystemErrorMessage(errno)}`
}

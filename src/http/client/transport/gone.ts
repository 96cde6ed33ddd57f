import { RetryableError } from '../../../errors.ts'

/** What is thrown when the process on the other side ended. */
export function ownerGone(cause?: unknown): RetryableError {
  const options = { code: 'owner_gone', ...(cause !== undefined && { cause }) }
  return new RetryableError('The process that was doing the work has ended.', options)
}

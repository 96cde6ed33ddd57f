import type { ErrorCodes } from '../errors.ts'

/** The error codes of threads and asks. */
export const threadCodes = {
  ask_over: { status: 409, exit: 2, means: 'the ask has ended' },
  thread_at_work: { status: 409, exit: 2, means: 'the thread still answers a message, so it cannot be removed' },
  thread_removed: { status: 410, exit: 2, means: 'the thread was removed' },
} as const satisfies ErrorCodes

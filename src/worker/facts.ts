import type { ErrorCodes } from '../errors.ts'

export const workerCodes = {
  queue_full: { status: 503, exit: 1 },
  workers_unhealthy: { status: 503, exit: 1 },
  no_available_worker: { status: 422, exit: 2 },
} as const satisfies ErrorCodes

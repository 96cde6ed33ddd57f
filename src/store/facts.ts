import type { ErrorCodes } from '../errors.ts'

export const storeCodes = {
  storage: { status: 507, exit: 1, means: 'the disk is full or fails' },
  owned: { status: 409, exit: 2 },
  fenced: { status: 503, exit: 1 },
  degraded: { status: 503, exit: 1 },
} as const satisfies ErrorCodes

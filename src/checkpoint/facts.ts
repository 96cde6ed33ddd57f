import type { ErrorCodes } from '../errors.ts'

export const checkpointCodes = {
  state_not_json: { as: 'InvalidError', means: 'a value in the state of a graph would not come back as it was' },
  thread_full: { as: 'InvalidError', means: 'the thread of a graph has as many checkpoints as a thread may have' },
} as const satisfies ErrorCodes

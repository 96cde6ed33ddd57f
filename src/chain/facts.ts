import type { ErrorCodes } from '../errors.ts'

export const chainCodes = {
  unknown_domain: { as: 'InvalidError', means: 'there is no such domain: no setting, no phase and no pool is for it' },
  no_more_cycles: { status: 409, exit: 2, means: 'the ask has reached its limit of cycles' },
  invalid_phase_result: { as: 'InvalidError', means: 'a phase of your own returned something else than its type says' },
  nondeterministic_phase: {
    status: 422,
    exit: 1,
    means: 'a phase did something else when it was repeated after a wait',
  },
  newer_state: { status: 409, exit: 1, means: 'newer code wrote the state of this phase' },
  check_failed: { status: 422, exit: 1, means: 'the answer failed its checks, and its domain refuses such answers' },
  actor_not_found: { status: 400, exit: 1 },
} as const satisfies ErrorCodes

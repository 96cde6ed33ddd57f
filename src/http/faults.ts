import { verdictOf } from '../errors.ts'

/** What a code says to who asked over HTTP. Others may come; their status says enough. */
export const FAULTS = {
  invalid_input: 'something that was sent is not acceptable: `place` says where',
  invalid_pipeline: 'the pipeline does not compile',
  unknown_step: 'there is no such step',
  bad_cursor: '`after` is no place in this list',
  run_over: 'the run is over',
  budget_lower: 'that is less than the limit is now',
  link_used: 'the link was used already',
  link_over: 'the link is of no use any more: its run is over',
  not_waiting: 'nothing waits there for an answer now',
  ask_over: 'the question is over',
  no_more_cycles: 'the question has gone round as often as it may',
  unauthenticated: 'no key, or one that is wrong, expired or revoked',
  scope_missing: 'the key lacks the scope that this needs',
  local_only: 'only the user of the data folder may, over its socket',
  outside_root: 'it lies outside the folders that the run may touch',
  not_found: 'there is no such thing, or it is not yours',
  not_offered: 'upstream has this, and antiphon does not',
  method_not_allowed: 'this path takes other methods',
  run_exists: 'there is a run of this id already, of something else',
  id_taken: 'this id was given for something else',
  not_recorded: 'what is to be taken over is not recorded',
  too_large: 'the body is too large',
  unsupported_type: 'the body is not sent as JSON',
  key_reused: 'this Idempotency-Key was used for another request',
  too_many_requests: 'more than is allowed: try again after `Retry-After` seconds',
  internal: 'a fault of the server',
  stopped: 'the server ends; the work goes on when it is back: ask again after `Retry-After` seconds',
  busy: 'full now: try again after `Retry-After` seconds',
  storage: 'the disk is full or fails',
} as const satisfies { readonly [code: string]: string }

export type FaultCode = keyof typeof FAULTS

/** The HTTP status of a code. */
export function statusOf(code: FaultCode): number {
  return verdictOf({ code, name: INVALID.has(code) ? 'InvalidError' : 'TerminalError' }).status
}

const INVALID: ReadonlySet<FaultCode> = new Set<FaultCode>([
  'invalid_input',
  'invalid_pipeline',
  'bad_cursor',
  'run_over',
  'budget_lower',
])

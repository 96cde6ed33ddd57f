import { z } from 'zod'
import { verdictOf } from '../../errors.ts'
import type { ProblemDocument } from '../wire/problem.ts'
import { maybe } from './basic.ts'

/** What a code says to who asked over HTTP. Others may come; their status says enough. */
export const FAULTS = {
  invalid_input: 'something that was sent is not acceptable: `place` says where',
  invalid_pipeline: 'the pipeline does not compile',
  input_required: 'the pipeline needs an input that was not given',
  input_unknown: 'the pipeline has no such input',
  input_type: 'an input is of another type',
  input_choice: 'an input is none of those that may be, or not in the form that is asked for',
  bad_value: 'that is no answer to what is asked',
  no_eligible_model: 'there is no such model here, or none that can do this',
  unknown_domain: 'no phase and no pool is for that domain',
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
  wrong_host: 'without keys: the server is asked by a name that is not its own',
  wrong_origin: 'without keys: a page asks that is not allowed to',
  outside_root: 'it lies outside the folders that the run may touch',
  not_found: 'there is no such thing, or it is not yours',
  not_offered: 'upstream has this, and antiphon does not',
  method_not_allowed: 'this path takes other methods',
  id_taken: 'this id was given for something else',
  not_recorded: 'what is to be taken over is not recorded',
  too_large: 'the body is too large',
  unsupported_type: 'the body is not sent as JSON',
  refused: 'there is nothing to answer from, or the model will not answer',
  no_price: 'a budget holds, and nobody said what the model costs',
  context_overflow: 'there is too much for the model to read',
  model_filtered: 'a filter of the provider of the model refused it',
  model_rejected: 'the provider of the model refused it: there is no such model, for one',
  key_reused: 'this Idempotency-Key was used for another request',
  too_many_requests: 'more than is allowed: try again after `Retry-After` seconds',
  internal: 'a fault of the server',
  stopped: 'the server ends; the work goes on when it is back: ask again after `Retry-After` seconds',
  busy: 'full now: try again after `Retry-After` seconds',
  storage: 'the disk is full or fails',
} as const satisfies { readonly [code: string]: string }

export type FaultCode = keyof typeof FAULTS

/** What may be wrong of the inputs of a run. */
export const INPUT_FAULTS = ['input_required', 'input_unknown', 'input_type', 'input_choice'] as const

/** The HTTP status of a code. */
export function statusOf(code: FaultCode): number {
  return verdictOf({ code, name: INVALID.has(code) ? 'InvalidError' : 'TerminalError' }).status
}

const INVALID: ReadonlySet<FaultCode> = new Set<FaultCode>([
  'invalid_input',
  'invalid_pipeline',
  ...INPUT_FAULTS,
  'bad_value',
  'no_eligible_model',
  'unknown_domain',
  'bad_cursor',
  'run_over',
  'budget_lower',
])

/** An error as it is told (RFC 9457). */
export const problemDocument: z.ZodType<ProblemDocument> = z
  .object({
    type: z.string(),
    title: z.string(),
    status: z.number(),
    detail: z.string().meta({ description: 'what went wrong, for people' }),
    code: z.string().meta({ description: 'stable: what programs tell errors apart by' }),
    name: z.string(),
    hint: maybe(z.string()).meta({ description: 'what can be done about it' }),
    delay: maybe(z.number()).meta({ description: 'ms after which it may be tried again' }),
    terminal: maybe(z.boolean()).meta({ description: 'no further try will do better' }),
    place: maybe(
      z.object({
        file: maybe(z.string()),
        line: maybe(z.number()),
        column: maybe(z.number()),
        path: maybe(z.string()),
      }),
    ),
  })
  .meta({ id: 'ProblemDocument' })

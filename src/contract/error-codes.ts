import { z } from 'zod'
import { type ErrorPlace, verdictOf } from '../errors.ts'
import { maybe, schemaOf } from './documents/basic.ts'

/**
 * The meaning of each error code. Later versions may add codes; their status is enough to react to
 * them.
 */
export const FAULTS = {
  invalid_input: 'part of the request is invalid; `place` says which',
  invalid_pipeline: 'the pipeline does not compile',
  input_required: 'a required input is missing',
  input_unknown: 'the pipeline does not declare this input',
  input_type: 'an input has the wrong type',
  input_choice: 'an input is not one of the allowed values, or has the wrong form',
  bad_value: 'the value is not a valid answer to the open question',
  no_eligible_model: 'no known model meets the requirements',
  unknown_domain: 'no phase and no pool serves this domain',
  unknown_tool: 'the tool does not exist',
  unknown_step: 'the step does not exist',
  unknown_round: 'the goal does not have the round',
  bad_cursor: '`after` is not a valid position in this list',
  run_over: 'the run has ended',
  budget_lower: 'the new limit is lower than the current one',
  link_used: 'the link was already used',
  link_over: 'the link has no use: its run has ended',
  not_waiting: 'nothing waits for an answer here',
  not_shown: 'the approval does not name the digest of a long content',
  ask_over: 'the ask has ended',
  stale_version: 'the environment has another version than the expected one',
  goal_over: 'the goal has ended',
  goal_handed_off: 'another goal works on it; `hint` names that',
  goal_not_over: 'the goal has not ended',
  invalid_agent: 'the definition of the agent is invalid',
  no_more_cycles: 'the ask has reached its limit of cycles',
  unauthenticated: 'the API key is missing, wrong, expired or revoked',
  scope_missing: 'the API key lacks the required scope',
  local_only: 'only the user of the data folder may do this, over its socket',
  wrong_host: 'the server has no keys, and the `host` header names another host',
  wrong_origin: 'the server has no keys, and the origin of the page is not allowed',
  file_changed: 'an offered file has changed since the server started; restart the server to accept it',
  outside_root: 'the path is outside the folders that the run may use',
  not_found: 'it does not exist, or it belongs to another owner',
  not_offered: 'the upstream API has this endpoint, antiphon does not',
  method_not_allowed: 'the path does not support this method',
  id_taken: 'the id belongs to another request',
  not_recorded: 'the run has not recorded the result that should be reused',
  too_large: 'the body is too large',
  unsupported_type: 'the body is not JSON',
  refused: 'there is nothing to answer from, or the model refuses to answer',
  no_price: 'a budget applies, but the price of the model is unknown',
  context_overflow: 'the prompt exceeds the context of the model',
  model_filtered: 'a content filter of the provider blocked the request',
  model_rejected: 'the provider rejected the request',
  model_unauthorized: 'the provider does not accept the key, or there is none',
  model_forbidden: 'the key may not use the model, or not from this region',
  model_quota_spent: 'the account at the provider has no money left, or reached its limit',
  model_not_found: 'the provider does not have the model',
  model_url_not_found: 'the address of the provider has no such path',
  model_untrusted: 'the certificate of the provider is not trusted, or its server does not speak TLS',
  key_reused: 'this Idempotency-Key was used for another request',
  too_many_requests: 'over the rate limit; retry after `Retry-After` seconds',
  internal: 'an internal error of the server',
  stopped: 'the server is shutting down; the work continues later: retry after `Retry-After` seconds',
  busy: 'at capacity; retry after `Retry-After` seconds',
  storage: 'the disk is full or fails',
} as const satisfies { readonly [code: string]: string }

export type FaultCode = keyof typeof FAULTS

export const INPUT_FAULTS = ['input_required', 'input_unknown', 'input_type', 'input_choice'] as const

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
  'stale_version',
  'goal_over',
  'goal_handed_off',
  'goal_not_over',
  'invalid_agent',
  'budget_lower',
])

/** An error on the wire: problem+json (RFC 9457) with what is needed to throw it again. */
export type ProblemDocument = {
  readonly type: string
  readonly title: string
  readonly status: number
  readonly detail: string
  readonly code: string
  readonly name: string
  readonly delay?: number
  readonly terminal?: boolean
  readonly place?: ErrorPlace
  readonly hint?: string
}

/** An error response (RFC 9457). */
export const problemDocument = schemaOf<ProblemDocument>()(
  z
    .object({
      type: z.string(),
      title: z.string(),
      status: z.number(),
      detail: z.string().meta({ description: 'what went wrong, written for people' }),
      code: z.string().meta({ description: 'stable; programs compare this' }),
      name: z.string(),
      hint: maybe(z.string()).meta({ description: 'how to fix it' }),
      delay: maybe(z.number()).meta({ description: 'ms to wait before a retry' }),
      terminal: maybe(z.boolean()).meta({ description: 'a retry cannot succeed' }),
      place: maybe(
        z.object({
          file: maybe(z.string()),
          line: maybe(z.number()),
          column: maybe(z.number()),
          path: maybe(z.string()),
        }),
      ),
    })
    .meta({ id: 'ProblemDocument' }),
)

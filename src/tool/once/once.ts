import type { Json } from '../../kernel/json.ts'
import type { EffectClass } from '../../kernel/types.ts'
import type { CallFinding, CallInDoubt } from './call-finding.ts'

/** Does a part of a call, and records its result under a name that no other part of this call has. */
export type Once = <Result extends Json | void>(
  name: string,
  act: (part: OncePart) => Promise<Result> | Result,
  options?: OnceOptions,
) => Promise<Result>

/** The arguments of a part: the signal of the call, and a key that is the same for all attempts at this part. */
export type OncePart = { readonly idempotencyKey: string; readonly signal: AbortSignal }

/**
 * `effect`: `at-most-once` for a part that is never repeated; absent: the class of the call. `lookUp` and
 * `settlesAfter` are for such a part, and as for tools: another attempt at the call asks whether a part that was cut
 * off took place. The call waits until `settlesAfter` is over.
 */
export type OnceOptions = {
  readonly effect?: EffectClass
  lookUp?(part: CallInDoubt): CallFinding | Promise<CallFinding>
  readonly settlesAfter?: number | string
}

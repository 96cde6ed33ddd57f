import type { Json } from '../../kernel/schema.ts'
import type { EffectClass } from '../../kernel/types.ts'

/** Does a part of a call, and records its result under a name that no other part of this call has. */
export type Once = <Result extends Json | void>(
  name: string,
  act: (part: OncePart) => Promise<Result> | Result,
  options?: OnceOptions,
) => Promise<Result>

/** The arguments of a part: the signal of the call, and a key that is the same for all attempts at this part. */
export type OncePart = { readonly idempotencyKey: string; readonly signal: AbortSignal }

/** `effect`: `at-most-once` for a part that is never repeated; absent: the class of the call. */
export type OnceOptions = { readonly effect?: EffectClass }

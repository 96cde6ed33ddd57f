import type { Payer } from './request.ts'
import type { TimeLimits } from './timeouts.ts'

/** How a call is limited, called off, and paid. */
export type CallOptions = TimeLimits & { readonly signal: AbortSignal; readonly payer?: Payer }

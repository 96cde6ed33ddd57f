import type { Json } from '../../kernel/json.ts'
import type { CallFinding, CallInDoubt } from '../../tool/once/call-finding.ts'
import type { StepParameters } from '../record/outcome.ts'

/** The look-up of a call, by the code of today. */
export type CallLookUp = {
  /** ms after which a call that is not found was not made; absent: a person decides */
  readonly settlesAfter?: number
  /** Asks whether the call took place. `parameters`: those that were sent; a step of code has none. */
  find(call: CallInDoubt, parameters: StepParameters): CallFinding | Promise<CallFinding>
  /** The result of the call, by what was found. ToolFailure `bad_result` if it does not fit. */
  resultOf(found: Json): Json | Promise<Json>
}

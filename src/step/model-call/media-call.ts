import { paidOptions } from '../../work/payer.ts'
import type { StepContext } from '../call/context.ts'
import { partOf, payerOf } from '../call/payer.ts'
import type { ModelUse } from '../record/model-use.ts'
import { failedModelUse, noteBegin } from './ask-model.ts'

/** A model, and why it was chosen. */
export type SkilledModel = { readonly id: string; readonly why: string }

/** The options of a step's call besides its request. */
export function mediaCallTerms(context: StepContext) {
  const { start, policy, self, call } = context
  const { timeout } = policy
  return {
    ...paidOptions(payerOf(context), self, call, partOf(0)),
    key: call.place ?? call.idempotencyKey,
    begins: () => noteBegin(call),
    limit: () => (timeout === undefined ? undefined : { ms: timeout, what: 'the model', of: start.run.id }),
  }
}

/** Makes a call. The step reports the usage of one that failed. */
export async function withFailedUse<T>(
  context: StepContext,
  skilled: SkilledModel,
  call: () => Promise<T>,
): Promise<T> {
  try {
    return await call()
  } catch (error) {
    context.spent.push(...failedModelUse('step', skilled, error))
    throw error
  }
}

/** The model that did the step's work, why it was chosen, and the cost. */
export function mediaModelUse(
  { model, cost }: { readonly model: string; readonly cost?: number },
  { why }: SkilledModel,
  lacks: readonly string[] = [],
): ModelUse {
  const more = { ...(cost !== undefined && { cost }), ...(lacks.length > 0 && { lacks }) }
  return { for: 'step', model, why, input: 0, output: 0, ...more }
}

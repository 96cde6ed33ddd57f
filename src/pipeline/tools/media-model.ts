import type { Json } from '../../kernel/schema.ts'
import type { StepContext } from '../../step/call/context.ts'
import { partOf, payerOf } from '../../step/call/payer.ts'
import { failedModelUse, noteBegin } from '../../step/model-call/ask-model.ts'
import type { ModelUse } from '../../step/record/model-use.ts'
import { paidOptions } from '../../work/payer.ts'
import { namedModels } from '../step/model-call/model-request.ts'

/** A model, and why it was chosen. */
export type SkilledModel = { readonly id: string; readonly why: string }

/** The named model, or one that is configured with that capability. */
export function modelFor(
  { services, models }: StepContext,
  capability: 'transcription' | 'speech' | 'image-generation',
  model: Json = null,
): SkilledModel {
  const [named] = namedModels({ model })
  if (named !== undefined) return { id: named, why: 'named by the step' }
  return services.models.choose(models.needs ?? { capabilities: [capability] })
}

/** The options of a step's call besides its request. */
export function mediaCallTerms({ start, policy, self, call }: StepContext) {
  const { timeout } = policy
  return {
    ...paidOptions(payerOf(start), self, call, partOf(0)),
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

import type { z } from 'zod'
import type { PoolCall } from '../../model/pool/call-in-pool.ts'
import type { Payer } from '../../model/request/request.ts'
import { shareOf } from '../plan/messages/fairness-key.ts'
import type { ModelUse } from '../plan/model-use.ts'
import type { Job } from '../step/context.ts'
import { failedUse, payerOf } from '../step/model-call/ask-model.ts'
import { modelsIn } from '../step/model-call/model-request.ts'
import { withTimeout } from '../step/timeout.ts'
import { anything } from './parameters.ts'

/** Who is to do it, by name. */
export const modelInput = anything.optional()

/** A model, and why it is that one. */
export type Skilled = { readonly id: string; readonly why: string }

/** The one that is named, or one that the configuration says is able to do that. */
export function whoCan(
  { services, step }: Job,
  capability: 'transcription' | 'speech',
  model: z.infer<typeof modelInput> = null,
): Skilled {
  const [named] = modelsIn({ model })
  if (named !== undefined) return { id: named, why: 'named by the step' }
  return services.models.choose(step.modelNeeds ?? { capabilities: [capability] })
}

/** What is known of the call of a step beside what it asks. */
export function soundTaskOf<T>(job: Job): PoolCall<T> & { readonly payer: Payer } {
  const { start, step, call } = job
  return {
    signal: call.signal,
    key: call.place ?? call.idempotencyKey,
    share: shareOf(start),
    payer: payerOf(job, 0),
    within: (signal, make) => withTimeout(step.timeout, signal, make),
  }
}

/** What a call comes to; of one that came to nothing and yet cost something the step tells that. */
export async function telling<T>(job: Job, skilled: Skilled, call: () => Promise<T>): Promise<T> {
  try {
    return await call()
  } catch (error) {
    job.spent.push(...failedUse('step', skilled, error))
    throw error
  }
}

/** Who did it for the step, why that one, and what that cost. */
export function soundUseOf(
  { model, cost }: { readonly model: string; readonly cost?: number },
  { why }: Skilled,
  lacks: readonly string[] = [],
): ModelUse {
  const more = { ...(cost !== undefined && { cost }), ...(lacks.length > 0 && { lacks }) }
  return { for: 'step', model, why, input: 0, output: 0, ...more }
}

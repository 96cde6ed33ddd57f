import type { LanguageModelV4, LanguageModelV4CallOptions } from '@ai-sdk/provider'
import { TerminalError } from '../../errors.ts'
import { callInPool } from '../../model/pool/call-in-pool.ts'
import type { StepContext, StepResult } from '../../step/call/context.ts'
import type { RunDelta } from '../../step/messages/delta.ts'
import { mediaCallTerms, withFailedUse } from '../../step/model-call/media-call.ts'
import type { OperationStep } from '../replay/operation.ts'

/** The work of a call that the AI SDK makes through `durable`: in the pool of its model, paid by the run. */
export function modelCallWork(
  model: LanguageModelV4,
  options: LanguageModelV4CallOptions,
  form: 'whole' | 'stream',
): OperationStep {
  return {
    type: 'step',
    work: { type: 'code', action: 'generate' },
    policy: { effect: 'idempotent', attempts: 3 },
    perform: (context) => callModel(context, model, options, form),
  }
}

const WHY = 'the program gave it'

async function callModel(
  context: StepContext,
  model: LanguageModelV4,
  options: LanguageModelV4CallOptions,
  form: 'whole' | 'stream',
): Promise<StepResult> {
  const { services, start } = context
  const { idOf, relay } = services.models
  if (!idOf || !relay) throw new TerminalError('No model can be called here.', { code: 'tool_unavailable' })
  const id = idOf(model)
  const { payer, ...task } = mediaCallTerms(context)
  const onDelta = deltasOf(context, start.step)
  const asked = { id, model, options, form }
  const { reply, usage, cost } = await withFailedUse(context, { id, why: WHY }, () =>
    callInPool(services.pool, id, task, (signal) => relay(asked, { signal, payer, onDelta })),
  )
  const use = { for: 'step', model: id, why: WHY, ...usage, ...(cost !== undefined && { cost }) }
  return { type: 'result', result: reply, fields: { model_used: id }, models: [use] }
}

function deltasOf({ emit }: StepContext, step: string) {
  let at = 0
  return (text: string) => {
    if (text === '') return
    emit({ type: 'text-delta', step, text, at } satisfies RunDelta)
    at += text.length
  }
}

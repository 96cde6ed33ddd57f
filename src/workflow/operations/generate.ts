import { InvalidError } from '../../errors.ts'
import { type Json, parse } from '../../kernel/schema.ts'
import { present } from '../../lib/json/present.ts'
import { standardJsonSchema } from '../../lib/json/standard-json-schema.ts'
import type { JsonSchema } from '../../model/prompt/task.ts'
import type { StepContext, StepResult } from '../../step/call/context.ts'
import type { RunDelta } from '../../step/messages/delta.ts'
import { askModel, modelCandidates } from '../../step/model-call/ask-model.ts'
import { storable } from '../../tool/secrets.ts'
import type { WorkflowPrompt } from '../definition/context.ts'
import type { AnySchema } from '../definition/workflow-value.ts'
import type { OperationStep } from '../replay/operation.ts'
import { shownPrompt } from './shown-prompt.ts'
import { toJson } from './stored-value.ts'

/** The work of `ctx.generate`: a call of a model in its pool, paid by the run. */
export function generateWork(name: string, options: WorkflowPrompt & { readonly schema?: AnySchema }): OperationStep {
  const { prompt, schema } = options
  if (typeof prompt !== 'string' || prompt.trim() === '')
    throw new InvalidError(`The prompt of generate ${name}: expected a text.`)
  const form = schema && standardJsonSchema(schema, 'input')
  if (schema && !form)
    throw new InvalidError(
      `The schema of generate ${name}: expected one that gives its JSON Schema, such as one of zod 4.`,
    )
  return {
    type: 'step',
    work: { type: 'code', action: 'generate' },
    policy: { effect: 'idempotent', attempts: 3 },
    perform: (context) => generate(context, options, form as JsonSchema | undefined, schema),
  }
}

async function generate(
  context: StepContext,
  { prompt, system, documents = [], model = [], maxTokens }: WorkflowPrompt,
  form: JsonSchema | undefined,
  schema: AnySchema | undefined,
): Promise<StepResult> {
  const { step } = context.start
  const asker = {
    ...context,
    onDelta: (text: string, at: number) => context.emit({ type: 'text-delta', step, text, at } satisfies RunDelta),
    onRestart: (reason: string) => context.emit({ type: 'text-restart', step, reason } satisfies RunDelta),
  }
  const request = {
    task: { kind: 'write' as const },
    instruction: prompt,
    documents,
    ...present({ schema: form, system, maxTokens }),
  }
  const candidates = modelCandidates(asker, typeof model === 'string' ? [model] : model)
  const { reply, use } = await askModel(asker, 'step', candidates, request)
  const result: Json = form ? (reply.object ?? null) : reply.text
  const checked = schema ? toJson(await parse<unknown>(schema as never, result, 'the answer')) : result
  const shown = shownPrompt({ prompt, documents, ...(system !== undefined && { system }) })
  const parameters = storable(shown, context.services.secrets, context.notes)
  return { type: 'result', result: checked, parameters, fields: { model_used: reply.model }, models: [use] }
}

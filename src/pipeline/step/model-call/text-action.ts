import type { Json } from '../../../kernel/schema.ts'
import type { ModelReply, ModelRequest } from '../../../model/request/request.ts'
import type { StepParameters, StepWork, TextAction } from '../../plan/compiled.ts'
import type { StepContext, StepResult } from '../context.ts'
import { renderAll } from '../templates/render.ts'
import { askModel, candidatesFor } from './ask-model.ts'
import { modelsIn, requestOf } from './model-request.ts'
import { filesFor } from './pinned-files.ts'

/** Asks a model, in the pool. TerminalError when it declines: a step that did nothing must not look done. */
export async function runText(
  { action, parameters: authored }: Extract<StepWork, { type: 'text' }>,
  context: StepContext,
): Promise<StepResult> {
  const parameters = renderAll(authored, context.pipeline, context.scope, ['parameters']) as StepParameters
  const files = await filesFor(context)
  const request = { ...requestOf(action, authored, parameters, context), ...(files.length > 0 && { files }) }
  const { step } = context.start
  const asker = {
    ...context,
    onDelta: (text: string, at: number) => context.emit({ type: 'text-delta', step, text, at }),
  }
  const { reply, use } = await askModel(asker, 'step', candidatesFor(asker, modelsIn(parameters)), request)
  const result = resultOf(reply, request, parameters)
  const fields = { action: ACTIONS[action], text: reply.text, model_used: reply.model }
  return {
    type: 'result',
    result: action === 'extract' ? extracted(result) : result,
    fields,
    parameters,
    models: [use],
  }
}

/** What authors call them. */
export const ACTIONS: { readonly [action in TextAction]: string } = {
  generate: 'generate',
  structured: 'generate_structured',
  extract: 'extract_structured',
  analyze: 'analyze_text',
}

/** As `validation` answers; a reply that does not fit the schema has failed before. */
function extracted(data: Json): Json {
  return { valid: true, data, errors: [], warnings: [] }
}

/** What the reply says: JSON that was asked for as a value, else the text as it is. */
function resultOf(
  { text, object }: ModelReply,
  { instruction }: ModelRequest,
  { analysis_type: type }: StepParameters,
): Json {
  if (object !== undefined) return object
  const asksForJson = /\bjson\b/i.test(instruction) || (typeof type === 'string' && /json/i.test(type))
  return (asksForJson ? wholeJson(text) : undefined) ?? text
}

/** The list or map that a whole text is, a fence around it aside. */
function wholeJson(text: string): Json | undefined {
  const inner = /^\s*```\w*\n([\s\S]*?)\n?```\s*$/.exec(text)?.[1] ?? text
  try {
    const value = JSON.parse(inner) as Json
    return typeof value === 'object' && value !== null ? value : undefined
  } catch {
    return undefined
  }
}

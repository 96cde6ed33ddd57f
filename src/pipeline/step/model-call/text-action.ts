import type { Json } from '../../../kernel/schema.ts'
import { fileNameNote } from '../../../lib/file-name.ts'
import type { ModelReply, ModelRequest } from '../../../model/request/request.ts'
import { parseJson, withoutFence } from '../../../model/structured-output/read-json.ts'
import type { StepResult } from '../../../step/call/context.ts'
import type { RunDelta } from '../../../step/messages/delta.ts'
import { askModel, modelCandidates } from '../../../step/model-call/ask-model.ts'
import type { StepParameters } from '../../../step/record/outcome.ts'
import type { StepWork, TextAction } from '../../plan/compiled.ts'
import type { PipelineContext } from '../context.ts'
import { renderAll } from '../templates/render.ts'
import { givenPrompt } from './given-prompt.ts'
import { modelRequestOf, namedModels } from './model-request.ts'
import { modelFilesOf } from './pinned-files.ts'

/** Asks a model, in the pool. TerminalError when it declines, since a step that did nothing must not look completed. */
export async function runTextAction(
  { action, parameters: authored }: Extract<StepWork, { type: 'text' }>,
  context: PipelineContext,
): Promise<StepResult> {
  const parameters = renderAll(authored, context.pipeline, context.scope, ['parameters']) as StepParameters
  const files = await modelFilesOf(context)
  const request = { ...modelRequestOf(action, authored, parameters, context), ...(files.length > 0 && { files }) }
  const { step } = context.start
  const asker = {
    ...context,
    onDelta: (text: string, at: number) => context.emit({ type: 'text-delta', step, text, at } satisfies RunDelta),
    onRestart: (reason: string) => context.emit({ type: 'text-restart', step, reason } satisfies RunDelta),
  }
  const { reply, use } = await askModel(asker, 'step', modelCandidates(asker, namedModels(parameters)), request)
  const result = resultOf(reply, request, parameters)
  const warning = fileNameNote('text', parameters.text, 'To give the model the file, name it in `files:`.')
  const fields = { action: ACTION_NAMES[action], text: reply.text, model_used: reply.model }
  return {
    type: 'result',
    result: action === 'extract' ? extractionResult(result) : result,
    fields,
    parameters,
    given: await givenPrompt(request, reply.model, context),
    models: [use],
    ...(warning && { warnings: [warning] }),
  }
}

/** The names of the actions in pipelines. */
export const ACTION_NAMES: { readonly [action in TextAction]: string } = {
  generate: 'generate',
  structured: 'generate_structured',
  extract: 'extract_structured',
  analyze: 'analyze_text',
}

/** The same shape as a result of `validation`. A reply that does not fit the schema has failed before. */
const extractionResult = (data: Json): Json => ({ valid: true, data, errors: [], warnings: [] })

/** The value of a reply: JSON where JSON was asked for, else its text. */
function resultOf({ text, object }: ModelReply, { instruction }: ModelRequest, parameters: StepParameters): Json {
  return object === undefined ? textResult(text, asksForJson(instruction, parameters)) : object
}

/** Whether the answer should be JSON, as the words of the author say. */
export function asksForJson(instruction: string, { analysis_type: type }: StepParameters): boolean {
  return /\bjson\b/i.test(instruction) || (typeof type === 'string' && /json/i.test(type))
}

/** The value of an answer: the JSON that it contains, if that was asked for, else the text itself. */
export const textResult = (text: string, isJson: boolean): Json => (isJson ? wholeJson(text) : undefined) ?? text

/** The JSON list or map that a whole text contains, without a fence around it. */
function wholeJson(text: string): Json | undefined {
  const value = parseJson(withoutFence(text))
  return typeof value === 'object' && value !== null ? value : undefined
}

import { problemOf, TerminalError } from '../../../errors.ts'
import { isJsonObject, type Json, parseExact } from '../../../kernel/json.ts'
import type { Document, JsonSchema, ModelTask } from '../../../model/prompt/task.ts'
import type { ModelRequest } from '../../../model/request/request.ts'
import type { StepParameters } from '../../../step/record/outcome.ts'
import { readGenerationLimits } from '../../language/actions/model-parameters.ts'
import type { TextAction } from '../../plan/compiled.ts'
import type { PipelineContext } from '../context.ts'
import { type PromptWithDocuments, renderPrompt } from '../templates/prompt.ts'
import { templateOf } from '../templates/render.ts'
import { NeedsThread, renderWithinLimits } from '../templates/render-in-thread.ts'

/** The request to a model, from the author's prompt and the rendered parameters. TerminalError for invalid ones. */
export function modelRequestOf(
  action: TextAction,
  authored: StepParameters,
  parameters: StepParameters,
  context: PipelineContext,
): ModelRequest {
  const { task, instruction, documents } = assignmentOf(action, promptOf(authored.prompt, context), parameters)
  const system = textIn(parameters, 'system_prompt') ?? textIn(parameters, 'system')
  const schema = schemaIn(action, parameters)
  return {
    task,
    instruction,
    documents,
    ...(schema && { schema }),
    ...(system !== undefined && { system }),
    ...readGenerationLimits(parameters),
  }
}

/** The models a step names, in the order in which they are tried. */
export function namedModels({ model, models }: StepParameters): readonly string[] {
  const names = [model, models].flatMap((value) => (Array.isArray(value) ? value : [value ?? null]))
  return [...new Set(names.flatMap((name) => (typeof name === 'string' && name.trim() !== '' ? [name.trim()] : [])))]
}

type Assignment = PromptWithDocuments & { readonly task: ModelTask }

function assignmentOf(
  action: TextAction,
  prompt: PromptWithDocuments | undefined,
  parameters: StepParameters,
): Assignment {
  const text = textIn(parameters, 'text')
  const focus = textIn(parameters, 'target')
  const aim = focus === undefined ? {} : { focus }
  const documents: readonly Document[] = text === undefined ? [] : [{ name: 'text', text }]
  const given = prompt ? [...documents, ...prompt.documents] : documents
  const what = given.length === 0 && parameters.files !== undefined ? 'the files' : 'the text'
  if (prompt && prompt.instruction !== '')
    return { task: { kind: 'write', ...aim }, instruction: prompt.instruction, documents: given }
  if (action === 'extract')
    return { task: { kind: 'write', ...aim }, instruction: `Take from ${what} what is asked for.`, documents: given }
  if (action !== 'analyze') throw new TerminalError('parameters.prompt is empty.', { code: 'missing_parameter' })
  const { task, instruction } = analysisOf(textIn(parameters, 'analysis_type') ?? 'summary', what)
  return { task: { ...task, ...aim }, instruction, documents: given }
}

const SENTIMENTS = {
  positive: 'pleased, praising, hopeful',
  negative: 'displeased, complaining, worried',
  neutral: 'neither, plain facts',
}

/** The task of an analysis type. */
function analysisOf(kind: string, what: string): Pick<Assignment, 'task' | 'instruction'> {
  if (/summar/i.test(kind)) return { task: { kind: 'summarise' }, instruction: `Summarise ${what}.` }
  if (/sentiment/i.test(kind))
    return { task: { kind: 'choose', choices: SENTIMENTS }, instruction: `What is the sentiment of ${what}?` }
  const question = kind.replaceAll(/[_-]/g, ' ')
  if (/\b(key|main) (points|ideas|findings|takeaways|facts)\b/i.test(question))
    return gistOf(`List the ${question} in ${what}.`)
  if (/key|topic|entit|point|fact/i.test(kind))
    return { task: { kind: 'list', question }, instruction: `List the ${question} in ${what}.` }
  return { task: { kind: 'write' }, instruction: `Analyse ${what}: ${question}.` }
}

/** The gist concerns the whole text, not a single passage. */
function gistOf(instruction: string): Pick<Assignment, 'task' | 'instruction'> {
  return { task: { kind: 'summarise', question: instruction }, instruction }
}

function promptOf(prompt: Json | undefined, { pipeline, scope }: PipelineContext): PromptWithDocuments | undefined {
  if (prompt === undefined || prompt === null) return undefined
  if (typeof prompt !== 'string') return { instruction: JSON.stringify(prompt), documents: [] }
  try {
    return renderWithinLimits(pipeline, scope, { kind: 'prompt', text: prompt }, (limits) =>
      renderPrompt(templateOf(pipeline, prompt), scope, undefined, limits),
    )
  } catch (error) {
    if (NeedsThread.is(error)) throw error
    const { code, message } = problemOf(error)
    throw new TerminalError(`parameters.prompt: ${message}`, { code, cause: error })
  }
}

// parameters

/** The schema of the reply: the author's, or any object if only JSON is requested. */
function schemaIn(action: TextAction, { schema, response_format: format }: StepParameters): JsonSchema | undefined {
  const given =
    schema ?? (isJsonObject(format) && isJsonObject(format.json_schema) ? format.json_schema.schema : undefined) ?? null
  const read = typeof given === 'string' ? parseSchema(given) : given
  if (isJsonObject(read)) return read
  if (read !== null || action === 'structured' || action === 'extract')
    throw badParameter('schema', read, 'not a JSON Schema')
  return wantsJson(format) ? { type: 'object' } : undefined
}

function wantsJson(format: Json | undefined): boolean {
  const type = isJsonObject(format) ? format.type : (format ?? 'text')
  if (type === 'text') return false
  if (type === 'json' || type === 'json_object' || type === 'json_schema') return true
  throw badParameter('response_format', format ?? null, 'not text or json_object')
}

function parseSchema(text: string): Json {
  try {
    return parseExact(text) as Json
  } catch {
    throw badParameter('schema', text.slice(0, 80), 'not JSON')
  }
}

/** A parameter as text; numbers and lists as JSON. */
function textIn(parameters: StepParameters, name: string): string | undefined {
  const value = parameters[name]
  if (value === undefined || value === null) return undefined
  return typeof value === 'string' ? value : JSON.stringify(value)
}

function badParameter(name: string, value: Json, what: string): TerminalError {
  return new TerminalError(`parameters.${name}: ${JSON.stringify(value)} is ${what}`, { code: 'bad_value' })
}

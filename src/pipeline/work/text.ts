import { problemOf, TerminalError } from '../../errors.ts'
import type { Json } from '../../kernel/schema.ts'
import type { ModelRequest } from '../../model/spec.ts'
import type { Document, Task } from '../../model/task.ts'
import type { Parameters, Work } from '../compiled.ts'
import type { Deed, Job } from './job.ts'
import { type Prompt, renderPrompt } from './prompt.ts'
import { renderAll, templateOf } from './render.ts'
import { withTimeout } from './timeout.ts'

/** Asks a model, in the pool. TerminalError when it declines: a step that did nothing must not look done. */
export async function runText(
  { action, parameters: authored }: Extract<Work, { type: 'text' }>,
  job: Job,
): Promise<Deed> {
  const { services, call } = job
  const parameters = renderAll(authored, job.pipeline, job.scope, ['parameters']) as Parameters
  const request = requestOf(action, authored, parameters, job)
  const onDelta = (text: string) => job.emit({ type: 'text-delta', step: job.start.step, text })
  const think = (signal: AbortSignal) => services.models.generate(request, { signal, onDelta })
  const reply = await services.pool.submit({
    signal: call.signal,
    key: call.idempotencyKey,
    run: (signal) => withTimeout(job.step.timeout, signal, think),
  })
  if (reply.refused !== undefined) throw declined(reply.model, reply.refused)
  return { type: 'result', result: reply.text, parameters: { ...parameters, model_used: reply.model } }
}

function declined(model: string, why: string): TerminalError {
  const how =
    'name another one: ANTIPHON_MODEL or `model:` in antiphon.yaml for all steps, `model:` in the parameters for this one'
  return new TerminalError(`the model ${model} declined: ${why}; ${how}`, { code: 'model_refused' })
}

function requestOf(
  action: 'generate' | 'analyze',
  authored: Parameters,
  parameters: Parameters,
  job: Job,
): ModelRequest {
  const { task, instruction, documents } = assignmentOf(action, promptOf(authored.prompt, job), parameters)
  const maxTokens = numberIn(parameters, 'max_tokens') ?? numberIn(parameters, 'max_completion_tokens')
  const temperature = numberIn(parameters, 'temperature')
  const system = textIn(parameters, 'system_prompt') ?? textIn(parameters, 'system')
  const model = textIn(parameters, 'model')
  return {
    task,
    instruction,
    documents,
    ...(system !== undefined && { system }),
    ...(maxTokens !== undefined && { maxTokens }),
    ...(temperature !== undefined && { temperature }),
    ...(model !== undefined && { model }),
  }
}

// what is asked

type Assignment = Prompt & { readonly task: Task }

function assignmentOf(action: 'generate' | 'analyze', prompt: Prompt | undefined, parameters: Parameters): Assignment {
  const text = textIn(parameters, 'text')
  const documents: readonly Document[] = text === undefined ? [] : [{ name: 'text', text }]
  const given = prompt ? [...documents, ...prompt.documents] : documents
  if (prompt && prompt.instruction !== '')
    return { task: { kind: 'write' }, instruction: prompt.instruction, documents: given }
  if (action === 'generate') throw new TerminalError('parameters.prompt is empty', { code: 'missing_parameter' })
  return { ...analysisOf(textIn(parameters, 'analysis_type') ?? 'summary'), documents: given }
}

const SENTIMENTS = {
  positive: 'pleased, praising, hopeful',
  negative: 'displeased, complaining, worried',
  neutral: 'neither, plain facts',
}

/** What a kind of analysis asks for. */
function analysisOf(kind: string): Pick<Assignment, 'task' | 'instruction'> {
  if (/summar/i.test(kind)) return { task: { kind: 'summarise' }, instruction: 'Summarise the text.' }
  if (/sentiment/i.test(kind))
    return { task: { kind: 'choose', choices: SENTIMENTS }, instruction: 'What is the sentiment of the text?' }
  const what = kind.replaceAll('_', ' ')
  if (/key|topic|entit|point|fact/i.test(kind))
    return { task: { kind: 'list', question: what }, instruction: `List the ${what} in the text.` }
  return { task: { kind: 'write' }, instruction: `Analyse the text: ${what}.` }
}

function promptOf(prompt: Json | undefined, { pipeline, scope }: Job): Prompt | undefined {
  if (prompt === undefined || prompt === null) return undefined
  if (typeof prompt !== 'string') return { instruction: JSON.stringify(prompt), documents: [] }
  try {
    return renderPrompt(templateOf(pipeline, prompt), scope)
  } catch (error) {
    const { code, message } = problemOf(error)
    throw new TerminalError(`parameters.prompt: ${message}`, { code, cause: error })
  }
}

/** A parameter as text; numbers and lists as JSON. */
function textIn(parameters: Parameters, name: string): string | undefined {
  const value = parameters[name]
  if (value === undefined || value === null) return undefined
  return typeof value === 'string' ? value : JSON.stringify(value)
}

/** A parameter as a number; templates may have made a text of it. */
function numberIn(parameters: Parameters, name: string): number | undefined {
  const value = parameters[name]
  if (value === undefined || value === null) return undefined
  const number = typeof value === 'string' && value.trim() !== '' ? Number(value) : value
  if (typeof number === 'number' && Number.isFinite(number)) return number
  throw new TerminalError(`parameters.${name}: ${JSON.stringify(value)} is no number`, { code: 'bad_value' })
}

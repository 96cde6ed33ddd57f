import { is, problemOf, TerminalError } from '../../../errors.ts'
import type { Json } from '../../../kernel/schema.ts'
import { OFFLINE_MODEL_ID } from '../../../model/model-id.ts'
import type { Document } from '../../../model/prompt/task.ts'
import type { ModelRequest } from '../../../model/request/request.ts'
import { WRAPPER_FIELD } from '../../../model/structured-output/unwrap.ts'
import { askModel, chooseCandidates, type ModelCandidate, modelCandidates } from '../../../step/model-call/ask-model.ts'
import type { ModelUse } from '../../../step/record/model-use.ts'
import { renderTemplate, type TemplateScope } from '../../../template/template.ts'
import { answerSchema } from '../../language/auto/answer-shape.ts'
import type { AutoAnswer, AutoTag } from '../../plan/auto-tag.ts'
import type { PipelineContext } from '../context.ts'
import { renderPrompt } from '../templates/prompt.ts'
import { templateOf } from '../templates/render.ts'

const MAX_CONTEXT_CHARS = 100_000
const SYSTEM_PROMPT =
  'You fill in one value of a program. Answer with that value alone: no explanation, no greeting, nothing around it.'

/**
 * Asks a model for the value of a tag, in its shape. TerminalError `auto_invalid` when the reply does not fit. A tag
 * for a model is chosen by its facts, without a call.
 */
export async function askTag(tag: AutoTag, stepContext: PipelineContext, scope: TemplateScope): Promise<AutoAnswer> {
  const { name } = tag
  if (tag.shape.type === 'model') return chooseModel(tag, stepContext)
  const request = tagRequest(tag, stepContext, scope)
  try {
    const { reply, use } = await askModel(stepContext, tag.for, tagCandidates(tag, stepContext), request)
    const value =
      tag.shape.type === 'text'
        ? reply.text.trim()
        : (reply.object as { readonly [WRAPPER_FIELD]: Json })[WRAPPER_FIELD]
    return { name, value, use }
  } catch (error) {
    return safeAnswer(tag, error)
  }
}

/** The models to ask: the pipeline's, or those that fit the tag's words when the pipeline names none. */
function tagCandidates({ hints }: AutoTag, stepContext: PipelineContext): readonly ModelCandidate[] {
  const { models, preferred, services } = stepContext
  const { needs: _, ...terms } = models
  if (preferred || hints.length === 0) return modelCandidates({ ...stepContext, models: terms }, [])
  return chooseCandidates(services.models, { task: hints })
}

function chooseModel({ name, hints }: AutoTag, { step, services }: PipelineContext): AutoAnswer {
  const { id, why, lacks } = services.models.choose({ ...step.model?.needs, ...(hints.length > 0 && { task: hints }) })
  return { name, value: id, why: `chosen by <AUTO>: ${why}`, ...(lacks && { lacks }) }
}

/** The safe value of a tag that the offline model cannot answer. A condition without an answer does not hold. */
function safeAnswer({ name, shape, for: purpose }: AutoTag, error: unknown): AutoAnswer {
  const { code, message } = problemOf(error)
  const isMute = code === 'model_refused' && message.startsWith(`The model ${OFFLINE_MODEL_ID} `)
  const isWrong = code === 'model_invalid_output' || code === 'model_truncated_output'
  const offered = shape.type === 'integer' || shape.type === 'number' ? shape.otherwise : undefined
  if (shape.type === 'boolean' && (isMute || isWrong)) return { name, value: false, use: safeValueUse(purpose, code) }
  if (offered !== undefined && isMute) return { name, value: offered, use: safeValueUse(purpose, code) }
  if (!isWrong) throw error
  throw new TerminalError(`${purpose}: ${message}`, { code: 'auto_invalid', cause: error })
}

function safeValueUse(purpose: string, code: string): ModelUse {
  const why =
    code === 'model_refused' ? 'it could not tell, so the safe value was taken' : 'its answer was none, which is no'
  return { for: purpose, model: 'none', why, input: 0, output: 0 }
}

// the question

/** Rendered values are sent as documents, even short ones: only the author's own words are an instruction. */
function tagRequest(tag: AutoTag, stepContext: PipelineContext, scope: TemplateScope): ModelRequest {
  const { instruction, documents } = tagPrompt(tag, stepContext, scope)
  const asked = instruction || 'Choose a fitting value.'
  const given = [...documents, ...contextDocuments(tag, stepContext, scope)]
  const common = { instruction: asked, documents: given, system: `${SYSTEM_PROMPT} The value is for \`${tag.for}\`.` }
  if (tag.shape.type === 'text') return { ...common, task: { kind: 'write' } }
  const answer = answerSchema(tag.shape, instruction)
  const schema = {
    type: 'object',
    properties: { [WRAPPER_FIELD]: answer },
    required: [WRAPPER_FIELD],
    additionalProperties: false,
  }
  return { ...common, task: { kind: 'fill', question: instruction }, schema }
}

function tagPrompt({ instruction, for: purpose }: AutoTag, { pipeline }: PipelineContext, scope: TemplateScope) {
  try {
    return renderPrompt(templateOf(pipeline, instruction), scope, 0)
  } catch (error) {
    const { code, message } = problemOf(error)
    throw new TerminalError(`${purpose}: ${message}`, { code, cause: error })
  }
}

function contextDocuments(
  { context = [] }: AutoTag,
  { pipeline }: PipelineContext,
  scope: TemplateScope,
): readonly Document[] {
  return context.flatMap((id) => {
    try {
      const value = renderTemplate(templateOf(pipeline, `{{ ${id} | default('') }}`), scope) ?? ''
      const text = typeof value === 'string' ? value : JSON.stringify(value)
      return text.trim() === '' ? [] : [{ name: id, text: text.slice(0, MAX_CONTEXT_CHARS) }]
    } catch (error) {
      if (is(error)) return []
      throw error
    }
  })
}

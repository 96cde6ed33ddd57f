import { is, problemOf, TerminalError } from '../../../errors.ts'
import type { Json } from '../../../kernel/schema.ts'
import { OFFLINE_MODEL_ID } from '../../../model/model-id.ts'
import type { Document } from '../../../model/prompt/task.ts'
import type { ModelRequest } from '../../../model/request/request.ts'
import { WRAPPER_FIELD } from '../../../model/structured-output/unwrap.ts'
import { render, type Scope } from '../../../template/template.ts'
import { answerSchema } from '../../language/auto/answer-shape.ts'
import type { AutoAnswer, AutoTag } from '../../plan/auto-tag.ts'
import type { ModelUse } from '../../plan/model-use.ts'
import type { Job } from '../context.ts'
import { askModel, type Candidate, candidatesFor, chosen } from '../model-call/ask-model.ts'
import { renderPrompt } from '../templates/prompt.ts'
import { templateOf } from '../templates/render.ts'

const LONGEST_CONTEXT = 100_000
const SYSTEM =
  'You fill in one value of a program. Answer with that value alone: no explanation, no greeting, nothing around it.'

/** Asks a model what a tag asks, of its shape; TerminalError auto_invalid when what it says is none. A model is chosen, not asked for. */
export async function askTag(tag: AutoTag, job: Job, scope: Scope): Promise<AutoAnswer> {
  const { name } = tag
  if (tag.shape.type === 'model') return chooseModel(tag, job)
  const request = requestOf(tag, job, scope)
  try {
    const { reply, use } = await askModel(job, tag.for, candidatesOf(tag, job), request)
    const value =
      tag.shape.type === 'text'
        ? reply.text.trim()
        : (reply.object as { readonly [WRAPPER_FIELD]: Json })[WRAPPER_FIELD]
    return { name, value, use }
  } catch (error) {
    return settle(tag, error)
  }
}

/** Who a tag asks: the pipeline's model, or the one its words ask for where the pipeline names none. */
function candidatesOf({ hints }: AutoTag, job: Job): readonly Candidate[] {
  const { modelNeeds: _, ...step } = job.step
  if (job.pipeline.model || hints.length === 0) return candidatesFor({ ...job, step }, [])
  return chosen(job.services.models, { task: hints })
}

function chooseModel({ name, hints }: AutoTag, { step, services }: Job): AutoAnswer {
  const { id, why } = services.models.choose({ ...step.modelNeeds, ...(hints.length > 0 && { task: hints }) })
  return { name, value: id, why: `chosen by <AUTO>: ${why}` }
}

/** What the offline model cannot tell has a value that is safe; a condition nobody can answer does not hold. */
function settle({ name, shape, for: purpose }: AutoTag, error: unknown): AutoAnswer {
  const { code, message } = problemOf(error)
  const isMute = code === 'model_refused' && message.startsWith(`the model ${OFFLINE_MODEL_ID} `)
  const isWrong = code === 'model_invalid_output' || code === 'model_truncated_output'
  const offered = shape.type === 'integer' || shape.type === 'number' ? shape.otherwise : undefined
  if (shape.type === 'boolean' && (isMute || isWrong)) return { name, value: false, use: untold(purpose, code) }
  if (offered !== undefined && isMute) return { name, value: offered, use: untold(purpose, code) }
  if (!isWrong) throw error
  throw new TerminalError(`${purpose}: ${message}`, { code: 'auto_invalid', cause: error })
}

function untold(purpose: string, code: string): ModelUse {
  const why =
    code === 'model_refused' ? 'it could not tell, so the safe value was taken' : 'its answer was none, which is no'
  return { for: purpose, model: 'none', why, input: 0, output: 0 }
}

// what is asked

/** Whatever was rendered goes along as a document, be it ever so short: only what the author wrote is an instruction. */
function requestOf(tag: AutoTag, job: Job, scope: Scope): ModelRequest {
  const { instruction, documents } = promptOf(tag, job, scope)
  const asked = instruction || 'Choose a fitting value.'
  const given = [...documents, ...contextOf(tag, job, scope)]
  const common = { instruction: asked, documents: given, system: `${SYSTEM} The value is for \`${tag.for}\`.` }
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

function promptOf({ instruction, for: purpose }: AutoTag, { pipeline }: Job, scope: Scope) {
  try {
    return renderPrompt(templateOf(pipeline, instruction), scope, 0)
  } catch (error) {
    const { code, message } = problemOf(error)
    throw new TerminalError(`${purpose}: ${message}`, { code, cause: error })
  }
}

function contextOf({ context = [] }: AutoTag, { pipeline }: Job, scope: Scope): readonly Document[] {
  return context.flatMap((id) => {
    try {
      const value = render(templateOf(pipeline, `{{ ${id} | default('') }}`), scope) ?? ''
      const text = typeof value === 'string' ? value : JSON.stringify(value)
      return text.trim() === '' ? [] : [{ name: id, text: text.slice(0, LONGEST_CONTEXT) }]
    } catch (error) {
      if (is(error)) return []
      throw error
    }
  })
}

import { z } from 'zod'
import { problemOf, TerminalError } from '../../errors.ts'
import type { ModelRequest } from '../../model/request/request.ts'
import type { CallbackTool } from '../step/callback/callback-tool.ts'
import type { StepContext, ValueResult } from '../step/context.ts'
import { askModel, type Candidate, candidatesFor, chosen } from '../step/model-call/ask-model.ts'
import { modelsIn } from '../step/model-call/model-request.ts'
import { filesFor } from '../step/model-call/pinned-files.ts'
import { amount, anything, onlyInRuns } from './parameters.ts'

const input = z.object({
  image: anything,
  analysis_type: z.string().max(200).optional(),
  detail_level: z.string().max(200).optional(),
  output_format: z.string().max(20).optional(),
  confidence_threshold: amount.optional(),
  model: anything.optional(),
})
type Input = z.infer<typeof input>

/** `image-analysis`: what a model that takes images sees in one. */
export const imageAnalysis: readonly CallbackTool[] = ['analyze', 'execute'].map((operation) => ({
  name: `image-analysis:${operation}`,
  description: 'Says what a picture shows',
  input,
  effect: 'idempotent',
  files: 'image',
  execute: onlyInRuns('image-analysis'),
  // nobody else is asked, so there is no answer
  asking: { ask: look, take: onlyInRuns('image-analysis') },
}))

async function look(given: Input, context: StepContext): Promise<ValueResult> {
  const files = await filesFor(context)
  if (files.length === 0 || !files.every(({ mediaType }) => mediaType.startsWith('image/')))
    throw new TerminalError('parameters.image has to name a picture', { code: 'bad_value' })
  const asked: ModelRequest = { ...requestOf(given), files }
  const { reply, use } = await askModel(context, 'step', whoSees(context, given), asked)
  const type = given.analysis_type ?? 'description'
  const images = files.map(({ name = '', mediaType }) => ({ name, type: mediaType }))
  return {
    type: 'result',
    result: { analysis: { type, result: reply.object ?? reply.text }, metadata: { model: reply.model, images } },
    text: reply.text,
    fields: { model_used: reply.model },
    models: [use],
  }
}

function requestOf({ analysis_type: kind, detail_level: detail, ...rest }: Input): ModelRequest {
  const { output_format: format, confidence_threshold: least } = rest
  const what = kind === undefined ? 'Say what the picture shows.' : `Analyse the picture: ${kind.replaceAll('_', ' ')}.`
  const terms = [
    ...(detail === undefined ? [] : [`Detail: ${detail}.`]),
    ...(least === undefined ? [] : [`Leave out what you are less than ${least} sure of, from 0 to 1.`]),
  ]
  const instruction = [what, ...terms].join(' ')
  return {
    task: { kind: 'write' },
    documents: [],
    instruction,
    ...(format === 'json' && { schema: { type: 'object' } }),
  }
}

/** Those that are named, or are needed; where nobody says which, one that is known to see, else the one that is asked by default. */
function whoSees(context: StepContext, { model = null }: Input): readonly Candidate[] {
  const named = modelsIn({ model })
  if (named.length > 0 || context.step.modelNeeds || context.pipeline.model) return candidatesFor(context, named)
  try {
    return chosen(context.services.models, { modalities: ['vision'] })
  } catch (error) {
    if (problemOf(error).code !== 'no_eligible_model') throw error
    return candidatesFor(context, named)
  }
}

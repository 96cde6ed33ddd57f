import { hash as digest } from 'node:crypto'
import { z } from 'zod'
import { problemOf, TerminalError } from '../../errors.ts'
import { fileIdOf } from '../../lib/media/file-ref.ts'
import { isSameCapability } from '../../model/choose/levels.ts'
import { mediaTypeOfFile } from '../../model/request/files.ts'
import type { ModelRequest, RequestFile } from '../../model/request/request.ts'
import type { CallbackTool } from '../../step/call/callback.ts'
import type { StepContext, ValueResult } from '../../step/call/context.ts'
import { askModel, chooseCandidates, type ModelCandidate, modelCandidates } from '../../step/model-call/ask-model.ts'
import { filesOfOwner, withBytes } from '../../step/model-call/given-files.ts'
import { anyValue, numberParameter, onlyInRuns } from '../../tool/parameters.ts'
import type { PipelineServices } from '../step/context.ts'
import { namedModels } from '../step/model-call/model-request.ts'
import { filesOfCall } from '../step/model-call/pinned-files.ts'

const input = z.object({
  image: anyValue,
  analysis_type: z.string().max(200).optional(),
  detail_level: z.string().max(200).optional(),
  output_format: z.string().max(20).optional(),
  confidence_threshold: numberParameter.optional(),
  model: anyValue.optional(),
})
type Input = z.infer<typeof input>

/** `image-analysis`: a model that accepts images describes one. */
export const imageAnalysis: readonly CallbackTool[] = ['analyze', 'execute'].map((operation) => ({
  name: `image-analysis:${operation}`,
  description: 'Describes an image with a model that sees; where there is none, reads its facts and the text in it',
  input,
  effect: 'idempotent',
  files: 'image',
  execute: onlyInRuns('image-analysis'),
  // the tool asks nobody, so there is no answer
  asking: { ask: analyzeImage, take: onlyInRuns('image-analysis') },
}))

async function analyzeImage(given: Input, context: StepContext): Promise<ValueResult> {
  const files = await filesOfCall('image', given.image, context)
  if (files.length === 0 || !files.every((file) => mediaTypeOfFile(file).startsWith('image/')))
    throw new TerminalError('parameters.image: expected an image.', { code: 'bad_value' })
  const candidates = visionCandidates(context, given)
  if (candidates === 'nobody') return readImage(files, context)
  const asked: ModelRequest = { ...requestOf(given), files }
  const { reply, use } = await askModel(context, 'step', candidates, asked)
  const type = given.analysis_type ?? 'description'
  const images = files.map((file) => ({ name: file.name ?? '', type: mediaTypeOfFile(file) }))
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

/** The facts of images, and the text in them, by programs. */
async function readImage(files: readonly RequestFile[], context: StepContext): Promise<ValueResult> {
  const port = filesOfOwner(context)
  const readings = []
  for (const file of files) {
    const { data, mediaType: type, name = '' } = await withBytes(file, context)
    const content = Buffer.from(data, 'base64')
    const id = 'file' in file ? file.file : fileIdOf(digest('sha256', content))
    readings.push(await port.describe({ file: id, type, name, bytes: content.length }, content, context.call.signal))
  }
  const text = readings.map((one) => one.text).join('\n\n')
  const images = files.map((file) => ({ name: file.name ?? '', type: mediaTypeOfFile(file) }))
  return {
    type: 'result',
    result: {
      analysis: { type: 'reading', result: text },
      readings: readings.map(({ facts, passages }) => ({ facts, passages: [...passages] })),
      metadata: { images },
    },
    text,
    warnings: [NOBODY_SEES, ...readings.flatMap(({ lacks }) => lacks)],
  }
}

const NOBODY_SEES =
  'no model here sees: the picture was read by programs; to have it looked at, describe a model with `modalities: [vision]`'

/** The models that the step names or requires; else one known to see, or the default, unless known not to. */
function visionCandidates(context: StepContext, { model = null }: Input): readonly ModelCandidate[] | 'nobody' {
  const named = namedModels({ model })
  if (named.length > 0 || context.models.needs || context.preferred) return modelCandidates(context, named)
  try {
    return chooseCandidates(context.services.models, { modalities: ['vision'] })
  } catch (error) {
    if (problemOf(error).code !== 'no_eligible_model') throw error
    const candidates = modelCandidates(context, named)
    return candidates.every((one) => isBlind(context.services.models, one)) ? 'nobody' : candidates
  }
}

/** Whether the description of a model says that it does not see. One without a description may see. */
function isBlind(models: PipelineServices['models'], { id = models.default.id }: ModelCandidate): boolean {
  const { modalities } = models.facts?.().find((known) => known.id === id) ?? {}
  return modalities !== undefined && !modalities.some((each) => isSameCapability(each, 'vision'))
}

import { z } from 'zod'
import { TerminalError } from '../../errors.ts'
import { type DrawRequest, drawInPool } from '../../model/picture/draw.ts'
import type { InputFile } from '../../model/prompt/task.ts'
import type { CallbackTool } from '../../step/call/callback.ts'
import type { StepContext, ValueResult } from '../../step/call/context.ts'
import { toolContextOf } from '../../step/call/tool-context.ts'
import { filesOfOwner } from '../../step/model-call/given-files.ts'
import { mediaCallTerms, mediaModelUse, withFailedUse } from '../../step/model-call/media-call.ts'
import { filePathInput, pathsAt } from '../../tool/builtin/filesystem/path.ts'
import { fileRef } from '../../tool/files/attached.ts'
import { anyValue, onlyInRuns } from '../../tool/parameters.ts'
import { resolveInRoots } from '../../tool/roots.ts'
import { modelFor, writeMedia } from './media-model.ts'

const MAX_PICTURES = 10
const FORMATS = ['png', 'jpeg', 'webp'] as const

const input = z.object({
  prompt: z
    .string()
    .max(32_000)
    .refine((text) => text.trim() !== '', 'expected what to draw'),
  size: z
    .string()
    .regex(/^\d{2,5}x\d{2,5}$/, 'expected a size such as 1024x1024')
    .optional(),
  style: z.string().max(1000).optional(),
  num_images: z.coerce.number().int().min(1).max(MAX_PICTURES).default(1),
  output_format: z.enum(FORMATS).optional(),
  output_path: filePathInput.optional(),
  filename: z.string().max(200).optional(),
  model: anyValue.optional(),
})
type Input = z.infer<typeof input>

const picture = z.object({ attachment: fileRef, path: z.string().exactOptional() })

/** `image-generation`: a model draws pictures, which become files of the owner. */
export const imageGeneration: readonly CallbackTool[] = ['generate', 'execute'].map((operation) => ({
  name: `image-generation:${operation}`,
  description: 'Generates images',
  input,
  output: z.object({ images: z.array(picture) }),
  effect: 'idempotent',
  changes: pathsAt(['output_path']),
  execute: onlyInRuns('image-generation'),
  // the tool asks nobody, so there is no answer
  asking: { ask: drawPictures, take: onlyInRuns('image-generation') },
}))

async function drawPictures(given: Input, context: StepContext): Promise<ValueResult> {
  const { services } = context
  const { find, draw } = services.models
  if (!draw) throw new TerminalError('No model here can draw.', { code: 'tool_unavailable' })
  const chosen = modelFor(context, 'image-generation', given.model)
  const files = filesOfOwner(context)
  // a picture that cannot be stored must not be paid for
  if (given.output_path !== undefined) await resolveInRoots(given.output_path, toolContextOf(context))
  const request = { ...requestOf(given), model: chosen.id }
  const drawing = await withFailedUse(context, chosen, () =>
    drawInPool(services.pool, { find, draw }, request, mediaCallTerms(context)),
  )
  const images = []
  for (const [place, { mediaType, data }] of drawing.pictures.entries()) {
    const number = drawing.pictures.length === 1 ? '' : `-${place + 1}`
    const name = `${given.filename?.replace(/\.\w+$/, '') ?? 'image'}${number}.${mediaType.replace(/^image\//, '')}`
    const attachment = await files.add(Buffer.from(data, 'base64'), { name })
    const path = given.output_path?.replace(/(?=\.\w+$)/, number)
    if (path !== undefined) await writeMedia(path, data, context)
    images.push({ attachment, ...(path !== undefined && { path }) })
  }
  return {
    type: 'result',
    result: { images },
    fields: { model_used: drawing.model },
    models: [mediaModelUse(drawing, chosen, lacksOf(given, drawing.pictures))],
  }
}

function requestOf({ prompt, style, size, num_images: count }: Input): Omit<DrawRequest, 'model'> {
  const said = style === undefined ? prompt : `${prompt}\n\nStyle: ${style}.`
  return { prompt: said, count, ...(size !== undefined && { size: size as NonNullable<DrawRequest['size']> }) }
}

/** Models choose the format themselves, and some draw fewer pictures than they are asked for. */
function lacksOf({ output_format: format, num_images: count }: Input, pictures: readonly InputFile[]) {
  const other = pictures.find(({ mediaType }) => format !== undefined && mediaType !== `image/${format}`)
  return [
    ...(other ? [`the format ${format}: it sent ${other.mediaType}`] : []),
    ...(pictures.length < count ? [`${count} pictures: it sent ${pictures.length}`] : []),
  ]
}

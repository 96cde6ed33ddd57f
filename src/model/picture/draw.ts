import { RetryableError, TerminalError } from '../../errors.ts'
import { mediaTypeOfBytes, UNKNOWN_TYPE } from '../../lib/media/media-type.ts'
import type { WorkPool } from '../../worker/work-pool.ts'
import type { KindCaller } from '../call/call-kind.ts'
import { NO_USAGE, withFailedUsage } from '../cost/usage.ts'
import type { Models } from '../models.ts'
import { callInPool, type PoolCallOptions } from '../pool/call-in-pool.ts'
import type { InputFile } from '../prompt/task.ts'
import type { CallOptions, CallPayer } from '../request/request.ts'

/** Pictures to draw; absent settings are the model's choice. */
export type DrawRequest = {
  readonly model: string
  readonly prompt: string
  readonly count: number
  readonly size?: `${number}x${number}`
}

/** Drawn pictures. */
export type Drawing = {
  readonly model: string
  readonly pictures: readonly InputFile[]
  /** dollars, if the configuration states the price */
  readonly cost?: number
}

/** Draws pictures. */
export function draw(call: KindCaller, { model: id, prompt, count, size }: DrawRequest, options: CallOptions) {
  return call('imageModel', id, options, async (model, abortSignal): Promise<Drawing> => {
    const absent = { aspectRatio: undefined, seed: undefined, files: undefined, mask: undefined }
    const most = (await mostAtOnce(model)) ?? count
    if (count > most)
      throw new TerminalError(`Model ${id} draws at most ${most} pictures at once, got ${count}.`, {
        code: 'bad_value',
      })
    const asked = { ...absent, prompt, n: count, size, providerOptions: {}, abortSignal }
    const { images } = await model.doGenerate(asked)
    const pictures: InputFile[] = []
    for (const image of images) pictures.push(await pictureOf(id, image))
    if (pictures.length > 0) return { model: id, pictures }
    throw paidFault(id, new RetryableError(`Model ${id} sent no picture.`, { code: 'model_empty_output' }))
  })
}

type ImageModel = Parameters<Parameters<KindCaller>[3]>[0] & { readonly modelId: string }
type Limit =
  | number
  | undefined
  | ((options: { modelId: string }) => PromiseLike<number | undefined> | number | undefined)

async function mostAtOnce(model: ImageModel): Promise<number | undefined> {
  const { maxImagesPerCall: most } = model as { readonly maxImagesPerCall?: Limit }
  return typeof most === 'function' ? most({ modelId: model.modelId }) : most
}

async function pictureOf(id: string, image: string | Uint8Array): Promise<InputFile> {
  const bytes = typeof image === 'string' ? Buffer.from(image, 'base64') : Buffer.from(image)
  const mediaType = (await mediaTypeOfBytes(bytes)) ?? UNKNOWN_TYPE
  if (mediaType.startsWith('image/')) return { mediaType, data: bytes.toString('base64') }
  const message = `Model ${id} sent ${mediaType} in place of a picture.`
  throw paidFault(id, new TerminalError(message, { code: 'model_invalid_output' }))
}

const paidFault = (model: string, fault: Error) => withFailedUsage(fault, { model, usage: NO_USAGE })

/** Draws pictures in a pool task, on the model's worker. */
export function drawInPool(
  pool: WorkPool,
  models: Pick<Models, 'find' | 'draw'>,
  request: DrawRequest,
  { payer, ...task }: PoolCallOptions<Drawing> & { readonly payer?: CallPayer },
): Promise<Drawing> {
  const asked = { ...request, model: models.find(request.model) ?? request.model }
  const call = (signal: AbortSignal) => models.draw(asked, { signal, ...(payer && { payer }) })
  return callInPool(pool, asked.model, task, call)
}

import type { SpeechModelV4CallOptions } from '@ai-sdk/provider'
import { RetryableError, TerminalError } from '../../errors.ts'
import { mediaTypeOfBytes, mediaTypeOfName, UNKNOWN_TYPE } from '../../lib/media/media-type.ts'
import type { KindCaller } from '../call/call-kind.ts'
import { NO_USAGE, withFailedUsage } from '../cost/usage.ts'
import type { InputFile } from '../prompt/task.ts'
import { checkFiles } from '../request/files.ts'
import type { CallOptions } from '../request/request.ts'
import type { Transcript } from './transcript.ts'

/** A recording to transcribe. */
export type TranscriptionRequest = { readonly model: string; readonly audio: InputFile }

/** A text to speak; absent settings are the model's choice. */
export type SpeechRequest = {
  readonly model: string
  readonly text: string
  readonly voice?: string
  /** for example mp3 or wav */
  readonly format?: string
  readonly language?: string
  readonly instructions?: string
  readonly speed?: number
}

/** A spoken text. */
export type Speech = {
  readonly model: string
  readonly audio: InputFile
  /** dollars, if the configuration states the price */
  readonly cost?: number
}

/** Transcribes a recording. */
export function transcribe(
  call: KindCaller,
  { model: id, audio }: TranscriptionRequest,
  options: CallOptions,
): Promise<Transcript> {
  checkFiles([audio])
  return call('transcriptionModel', id, options, async (model, abortSignal) => {
    const { text, segments, language, durationInSeconds } = await model.doGenerate({
      audio: audio.data,
      mediaType: audio.mediaType,
      abortSignal,
    })
    return {
      text,
      model: id,
      ...(language !== undefined && { language }),
      ...(durationInSeconds !== undefined && { seconds: durationInSeconds }),
      segments: segments.map((one) => ({ text: one.text, start: one.startSecond, end: one.endSecond })),
    }
  })
}

/** Speaks a text. */
export function speak(
  call: KindCaller,
  { model: id, format, ...said }: SpeechRequest,
  options: CallOptions,
): Promise<Speech> {
  const asked: SpeechModelV4CallOptions = { ...said, ...(format !== undefined && { outputFormat: format }) }
  return call('speechModel', id, options, async (model, abortSignal) => {
    const { audio } = await model.doGenerate({ ...asked, abortSignal })
    const bytes = typeof audio === 'string' ? Buffer.from(audio, 'base64') : Buffer.from(audio)
    const mediaType = await detectAudioType(bytes)
    const fault = faultIn(id, bytes, mediaType, format)
    if (fault) throw withFailedUsage(fault, { model: id, usage: NO_USAGE })
    return { model: id, audio: { mediaType, data: bytes.toString('base64') } }
  })
}

/** Rejects an empty reply, and data without the signature of the requested format, such as mp3. */
function faultIn(id: string, { length }: Buffer, mediaType: string, format: string | undefined): Error | undefined {
  if (length === 0) return new RetryableError(`Model ${id} sent no audio.`, { code: 'model_empty_output' })
  // the signature of a container that holds only sound is the same as for one that may also hold pictures
  if (/^(?:audio|video)\//.test(mediaType) || format === undefined || !mediaTypeOfFormat(format)) return undefined
  return new TerminalError(`Model ${id} sent no audio for the format ${format}.`, { code: 'model_invalid_output' })
}

/** The media type of a format; undefined when unknown, such as `pcm`, which has no signature. */
export const mediaTypeOfFormat = (format: string) => mediaTypeOfName(`.${format}`)

/** The media type by the first bytes, since providers do not state it. */
export async function detectAudioType(bytes: Buffer): Promise<string> {
  return (await mediaTypeOfBytes(bytes)) ?? UNKNOWN_TYPE
}

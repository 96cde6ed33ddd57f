import type { SpeechModelV4CallOptions } from '@ai-sdk/provider'
import type { CallOptions } from './call-options.ts'
import { checkFiles } from './files.ts'
import type { CallKind } from './kind-call.ts'
import { mediaTypeOfBytes } from './media.ts'
import type { InputFile } from './task.ts'

/** A recording that is to be written down. */
export type TranscriptionRequest = { readonly model: string; readonly audio: InputFile }

/** What is said in a recording; `start` and `end` in seconds. */
export type Transcript = {
  readonly text: string
  readonly model: string
  readonly language?: string
  readonly seconds?: number
  readonly segments: readonly { readonly text: string; readonly start: number; readonly end: number }[]
}

/** A text that is to be spoken; what is not said is the model's to choose. */
export type SpeechRequest = {
  readonly model: string
  readonly text: string
  readonly voice?: string
  /** such as mp3 or wav */
  readonly format?: string
  readonly language?: string
  readonly instructions?: string
  readonly speed?: number
}

/** A text as it sounds. */
export type Speech = { readonly model: string; readonly audio: InputFile }

/** The text of a recording. */
export function transcribe(
  call: CallKind,
  { model: id, audio }: TranscriptionRequest,
  options: CallOptions,
): Promise<Transcript> {
  checkFiles(id, [audio])
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

/** The sound of a text. */
export function speak(
  call: CallKind,
  { model: id, format, ...said }: SpeechRequest,
  options: CallOptions,
): Promise<Speech> {
  const asked: SpeechModelV4CallOptions = { ...said, ...(format !== undefined && { outputFormat: format }) }
  return call('speechModel', id, options, async (model, abortSignal) => {
    const { audio } = await model.doGenerate({ ...asked, abortSignal })
    const bytes = typeof audio === 'string' ? Buffer.from(audio, 'base64') : Buffer.from(audio)
    return { model: id, audio: { mediaType: soundOf(bytes), data: bytes.toString('base64') } }
  })
}

/** Providers do not say what they send; its first bytes do. */
export function soundOf(bytes: Buffer): string {
  return mediaTypeOfBytes(bytes) ?? 'application/octet-stream'
}

import { z } from 'zod'
import { TerminalError } from '../../errors.ts'
import { present } from '../../lib/json/present.ts'
import { mediaTypeOfName, UNKNOWN_TYPE } from '../../lib/media/media-type.ts'
import { speakInPool, transcribeInPool } from '../../model/audio/audio-in-pool.ts'
import { mediaTypeOfFormat, type Speech, type SpeechRequest } from '../../model/audio/speech.ts'
import type { InputFile } from '../../model/prompt/task.ts'
import { mediaTypeOfFile } from '../../model/request/files.ts'
import type { CallbackTool } from '../../step/call/callback.ts'
import type { StepContext, ValueResult } from '../../step/call/context.ts'
import { toolContextOf } from '../../step/call/tool-context.ts'
import { withBytes } from '../../step/model-call/given-files.ts'
import { mediaCallTerms, mediaModelUse, type SkilledModel, withFailedUse } from '../../step/model-call/media-call.ts'
import { pathInput, pathsAt } from '../../tool/builtin/filesystem/path.ts'
import { anyValue, onlyInRuns } from '../../tool/parameters.ts'
import { resolveInRoots } from '../../tool/roots.ts'
import { filesOfCall } from '../step/model-call/pinned-files.ts'
import { modelFor, writeMedia } from './media-model.ts'

/** the name of the model */
const modelInput = anyValue.optional()

const word = z.string().trim().min(1).max(100)
const speakInput = z.object({
  text: z
    .string()
    .max(100_000)
    .refine((text) => text.trim() !== '', 'expected something to say'),
  output_path: pathInput,
  voice: word.optional(),
  format: word.toLowerCase().optional(),
  language: word.optional(),
  model: modelInput,
})
type SpeakInput = z.infer<typeof speakInput>

/** `audio-processing:speak`: speaks a text into a file, with a model that can. */
export const speechTool: CallbackTool = {
  name: 'audio-processing:speak',
  description: 'Converts text to speech in an audio file',
  input: speakInput,
  output: z.object({ path: z.string(), format: z.string(), bytes: z.int() }),
  effect: 'idempotent',
  changes: pathsAt(['output_path']),
  execute: onlyInRuns('audio-processing'),
  // the tool asks nobody, so there is no answer
  asking: { ask: speakToFile, take: onlyInRuns('audio-processing') },
}

async function speakToFile(given: SpeakInput, context: StepContext): Promise<ValueResult> {
  const { output_path: path, model: named, text, voice, language } = given
  const format = formatIn(given)
  const skilled = modelFor(context, 'speech', named)
  // a text that cannot be stored must not be paid for
  await resolveInRoots(path, toolContextOf(context))
  const said = await speakFor(context, skilled, { text, ...present({ voice, language, format }) })
  const { audio, model } = said
  const bytes = await writeMedia(path, audio.data, context)
  return {
    type: 'result',
    result: { path, format: formatOf(audio, format), bytes },
    fields: { model_used: model },
    models: [mediaModelUse(said, skilled, lacksOf(audio, format))],
  }
}

function speakFor(context: StepContext, skilled: SkilledModel, said: Omit<SpeechRequest, 'model'>): Promise<Speech> {
  const { find, speak } = context.services.models
  if (!speak) throw new TerminalError('No model here can speak.', { code: 'tool_unavailable' })
  const request = { ...said, model: skilled.id }
  return withFailedUse(context, skilled, () =>
    speakInPool(context.services.pool, { find, speak }, request, mediaCallTerms(context)),
  )
}

// formats

/** The requested format, else that of the file's name. TerminalError when they contradict each other. */
function formatIn({ format, output_path: path }: SpeakInput): string | undefined {
  const [said, asked] = [mediaTypeOfName(path), format && mediaTypeOfFormat(format)]
  if (asked !== undefined && said !== undefined && asked !== said)
    throw new TerminalError(`parameters.format is ${format}, but ${path} is named as ${said}.`, { code: 'bad_value' })
  return format ?? (said?.startsWith('audio/') ? /(?<!\w)\w+$/.exec(path.toLowerCase())![0] : undefined)
}

/** The format that the model sent, whatever was requested. */
function formatOf({ mediaType }: InputFile, asked: string | undefined): string {
  if (asked !== undefined && isAs(mediaType, asked)) return asked
  return mediaType === 'audio/mpeg' ? 'mp3' : mediaType.replace(/^.*\//, '')
}

function lacksOf({ mediaType }: InputFile, asked: string | undefined): readonly string[] {
  return asked === undefined || isAs(mediaType, asked) ? [] : [`the format ${asked}: it sent ${mediaType}`]
}

/** A format without a signature, such as pcm, cannot be recognised. */
const isAs = (mediaType: string, format: string) => mediaType === (mediaTypeOfFormat(format) ?? UNKNOWN_TYPE)

// recordings

const recordingInput = z.object({ audio: anyValue, model: modelInput })
type RecordingInput = z.infer<typeof recordingInput>

/** `audio-processing:transcribe`: transcribes a recording, with a model that can. */
export const transcriptionTool: CallbackTool = {
  name: 'audio-processing:transcribe',
  description: 'Transcribes speech',
  input: recordingInput,
  effect: 'idempotent',
  files: 'audio',
  execute: onlyInRuns('audio-processing'),
  // the tool asks nobody, so there is no answer
  asking: { ask: transcribeRecording, take: onlyInRuns('audio-processing') },
}

async function transcribeRecording(given: RecordingInput, context: StepContext): Promise<ValueResult> {
  const [audio, ...others] = await filesOfCall('audio', given.audio, context)
  if (!audio || others.length > 0 || !/^(?:audio|video)\//.test(mediaTypeOfFile(audio)))
    throw new TerminalError('parameters.audio: expected one recording.', { code: 'bad_value' })
  const skilled = modelFor(context, 'transcription', given.model)
  const transcript = await transcribeFor(context, skilled.id, await withBytes(audio, context))
  const { text, segments, seconds, language, model: heardBy } = transcript
  return {
    type: 'result',
    result: { transcription: text, ...present({ duration: seconds, language }), segments },
    text,
    fields: { model_used: heardBy },
    models: [mediaModelUse(transcript, skilled)],
  }
}

function transcribeFor(context: StepContext, model: string, audio: InputFile) {
  const { find, transcribe } = context.services.models
  if (!transcribe) throw new TerminalError('No model here can transcribe.', { code: 'tool_unavailable' })
  return transcribeInPool(context.services.pool, { find, transcribe }, { model, audio }, mediaCallTerms(context))
}

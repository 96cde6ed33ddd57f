import { z } from 'zod'
import { TerminalError } from '../../errors.ts'
import { speakInPool, transcribeInPool } from '../../model/audio/audio-in-pool.ts'
import { mediaTypeOfFormat, type Speech, type SpeechRequest, UNKNOWN_AUDIO_TYPE } from '../../model/audio/speech.ts'
import type { PoolCallOptions } from '../../model/pool/call-in-pool.ts'
import type { InputFile } from '../../model/prompt/task.ts'
import { mediaTypeOfName } from '../../model/request/media-types.ts'
import type { CallPayer } from '../../model/request/request.ts'
import { pathInput } from '../../tool/builtin/filesystem/path.ts'
import { writeTool } from '../../tool/builtin/filesystem/write.ts'
import { resolveInRoots } from '../../tool/roots.ts'
import { fairnessKey } from '../plan/messages/step-start.ts'
import type { ModelUse } from '../plan/model-use.ts'
import type { CallbackTool } from '../step/callback/callback-tool.ts'
import type { StepContext, ValueResult } from '../step/context.ts'
import { failedUse, payerOf } from '../step/model-call/ask-model.ts'
import { modelsIn } from '../step/model-call/model-request.ts'
import { filesFor } from '../step/model-call/pinned-files.ts'
import { contextOf } from '../step/templates/template-files.ts'
import { withTimeout } from '../step/timeout.ts'
import { anything, onlyInRuns } from './parameters.ts'

/** Who is to do it, by name. */
const modelInput = anything.optional()

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

/** `audio-processing:speak`: a text as it sounds, in a file, by a model that speaks. */
export const speech: CallbackTool = {
  name: 'audio-processing:speak',
  description: 'Says a text, and keeps that as a file',
  input: speakInput,
  output: z.object({ path: z.string(), format: z.string(), bytes: z.int() }),
  effect: 'idempotent',
  execute: onlyInRuns('audio-processing'),
  // nobody else is asked, so there is no answer
  asking: { ask: say, take: onlyInRuns('audio-processing') },
}

async function say(given: SpeakInput, context: StepContext): Promise<ValueResult> {
  const { output_path: path, model: named } = given
  const format = formatIn(given)
  const skilled = whoCan(context, 'speech', named)
  // what cannot be kept is not paid for
  await resolveInRoots(path, contextOf(context))
  const said = await speakFor(context, skilled, requestOf(given, format))
  const { audio, model } = said
  const bytes = await keep(path, audio, context)
  return {
    type: 'result',
    result: { path, format: formatOf(audio, format), bytes },
    fields: { model_used: model },
    models: [soundUseOf(said, skilled, lacksOf(audio, format))],
  }
}

type Said = Omit<SpeechRequest, 'model'>

function requestOf({ text, voice, language }: SpeakInput, format: string | undefined): Said {
  return {
    text,
    ...(voice !== undefined && { voice }),
    ...(language !== undefined && { language }),
    ...(format !== undefined && { format }),
  }
}

function speakFor(context: StepContext, skilled: Skilled, said: Said): Promise<Speech> {
  const { find, speak } = context.services.models
  if (!speak) throw new TerminalError('nobody here speaks', { code: 'tool_unavailable' })
  const request = { ...said, model: skilled.id }
  return telling(context, skilled, () =>
    speakInPool(context.services.pool, { find, speak }, request, soundTaskOf(context)),
  )
}

async function keep(path: string, { data }: InputFile, context: StepContext): Promise<number> {
  const file = { path, content: data, mode: 'write', encoding: 'base64', create_directories: true } as const
  const { size } = (await writeTool.execute(file, contextOf(context))) as { readonly size: number }
  return size
}

// formats

/** The one that is asked for, else that of the file's name; TerminalError where these contradict each other. */
function formatIn({ format, output_path: path }: SpeakInput): string | undefined {
  const [said, asked] = [mediaTypeOfName(path), format && mediaTypeOfFormat(format)]
  if (asked !== undefined && said !== undefined && asked !== said)
    throw new TerminalError(`parameters.format is ${format}, and ${path} is named as ${said}`, { code: 'bad_value' })
  return format ?? (said?.startsWith('audio/') ? /\w+$/.exec(path.toLowerCase())![0] : undefined)
}

/** What the model sent, whatever it was asked for. */
function formatOf({ mediaType }: InputFile, asked: string | undefined): string {
  if (asked !== undefined && isAs(mediaType, asked)) return asked
  return mediaType === 'audio/mpeg' ? 'mp3' : mediaType.replace(/^.*\//, '')
}

function lacksOf({ mediaType }: InputFile, asked: string | undefined): readonly string[] {
  return asked === undefined || isAs(mediaType, asked) ? [] : [`the format ${asked}: it sent ${mediaType}`]
}

/** What has no beginning of its own, such as pcm, is not known for anything. */
const isAs = (mediaType: string, format: string) => mediaType === (mediaTypeOfFormat(format) ?? UNKNOWN_AUDIO_TYPE)

// recordings

const recordingInput = z.object({ audio: anything, model: modelInput })
type RecordingInput = z.infer<typeof recordingInput>

/** `audio-processing:transcribe`: what is said in a recording, by a model that writes it down. */
export const transcription: CallbackTool = {
  name: 'audio-processing:transcribe',
  description: 'Writes down what is said',
  input: recordingInput,
  effect: 'idempotent',
  files: 'audio',
  execute: onlyInRuns('audio-processing'),
  // nobody else is asked, so there is no answer
  asking: { ask: hear, take: onlyInRuns('audio-processing') },
}

async function hear({ model }: RecordingInput, context: StepContext): Promise<ValueResult> {
  const [audio, ...others] = await filesFor(context)
  if (!audio || others.length > 0 || !/^(?:audio|video)\//.test(audio.mediaType))
    throw new TerminalError('parameters.audio has to name one recording', { code: 'bad_value' })
  const skilled = whoCan(context, 'transcription', model)
  const transcript = await transcribeFor(context, skilled.id, audio)
  const { text, segments, seconds, language, model: heardBy } = transcript
  const about = { ...(seconds !== undefined && { duration: seconds }), ...(language !== undefined && { language }) }
  return {
    type: 'result',
    result: { transcription: text, ...about, segments },
    text,
    fields: { model_used: heardBy },
    models: [soundUseOf(transcript, skilled)],
  }
}

function transcribeFor(context: StepContext, model: string, audio: InputFile) {
  const { find, transcribe } = context.services.models
  if (!transcribe) throw new TerminalError('nobody here writes down recordings', { code: 'tool_unavailable' })
  return transcribeInPool(context.services.pool, { find, transcribe }, { model, audio }, soundTaskOf(context))
}

// the model of either

/** A model, and why it is that one. */
type Skilled = { readonly id: string; readonly why: string }

/** The one that is named, or one that the configuration says is able to do that. */
function whoCan(
  { services, step }: StepContext,
  capability: 'transcription' | 'speech',
  model: z.infer<typeof modelInput> = null,
): Skilled {
  const [named] = modelsIn({ model })
  if (named !== undefined) return { id: named, why: 'named by the step' }
  return services.models.choose(step.modelNeeds ?? { capabilities: [capability] })
}

/** What is known of the call of a step beside what it asks. */
function soundTaskOf<T>(context: StepContext): PoolCallOptions<T> & { readonly payer: CallPayer } {
  const { start, step, call } = context
  return {
    signal: call.signal,
    key: call.place ?? call.idempotencyKey,
    share: fairnessKey(start),
    payer: payerOf(context, 0),
    within: (signal, make) => withTimeout(step.timeout, signal, make),
  }
}

/** What a call comes to; of one that came to nothing and yet cost something the step tells that. */
async function telling<T>(context: StepContext, skilled: Skilled, call: () => Promise<T>): Promise<T> {
  try {
    return await call()
  } catch (error) {
    context.spent.push(...failedUse('step', skilled, error))
    throw error
  }
}

/** Who did it for the step, why that one, and what that cost. */
function soundUseOf(
  { model, cost }: { readonly model: string; readonly cost?: number },
  { why }: Skilled,
  lacks: readonly string[] = [],
): ModelUse {
  const more = { ...(cost !== undefined && { cost }), ...(lacks.length > 0 && { lacks }) }
  return { for: 'step', model, why, input: 0, output: 0, ...more }
}

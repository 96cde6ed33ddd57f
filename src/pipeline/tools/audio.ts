import { z } from 'zod'
import { TerminalError } from '../../errors.ts'
import { speakInPool } from '../../model/audio/audio-in-pool.ts'
import { mediaTypeOfFormat, type Speech, type SpeechRequest, UNKNOWN_TYPE } from '../../model/audio/speech.ts'
import type { InputFile } from '../../model/prompt/task.ts'
import { mediaTypeOfName } from '../../model/request/media-types.ts'
import { pathInput } from '../../tool/builtin/filesystem/path.ts'
import { writeTool } from '../../tool/builtin/filesystem/write.ts'
import { resolveInRoots } from '../../tool/roots.ts'
import type { AskingTool } from '../step/callback/callback-tool.ts'
import type { Job, Result } from '../step/context.ts'
import { contextOf } from '../step/templates/template-files.ts'
import { modelInput, type Skilled, soundTaskOf, soundUseOf, telling, whoCan } from './audio-model.ts'
import { onlyInRuns } from './only-in-runs.ts'

const word = z.string().trim().min(1).max(100)
const input = z.object({
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
type Input = z.infer<typeof input>

/** `audio-processing:speak`: a text as it sounds, in a file, by a model that speaks. */
export const speech: AskingTool = {
  name: 'audio-processing:speak',
  description: 'Says a text, and keeps that as a file',
  input,
  output: z.object({ path: z.string(), format: z.string(), bytes: z.int() }),
  effect: 'idempotent',
  execute: onlyInRuns('audio-processing'),
  // nobody else is asked, so there is no answer
  asking: { ask: say, take: onlyInRuns('audio-processing') },
}

async function say(given: Input, job: Job): Promise<Result> {
  const { output_path: path, model: named } = given
  const format = formatIn(given)
  const skilled = whoCan(job, 'speech', named)
  // what cannot be kept is not paid for
  await resolveInRoots(path, contextOf(job))
  const said = await speakFor(job, skilled, requestOf(given, format))
  const { audio, model } = said
  const bytes = await keep(path, audio, job)
  return {
    type: 'result',
    result: { path, format: formatOf(audio, format), bytes },
    fields: { model_used: model },
    models: [soundUseOf(said, skilled, lacksOf(audio, format))],
  }
}

type Said = Omit<SpeechRequest, 'model'>

function requestOf({ text, voice, language }: Input, format: string | undefined): Said {
  return {
    text,
    ...(voice !== undefined && { voice }),
    ...(language !== undefined && { language }),
    ...(format !== undefined && { format }),
  }
}

function speakFor(job: Job, skilled: Skilled, said: Said): Promise<Speech> {
  const { find, speak } = job.services.models
  if (!speak) throw new TerminalError('nobody here speaks', { code: 'tool_unavailable' })
  const request = { ...said, model: skilled.id }
  return telling(job, skilled, () => speakInPool(job.services.pool, { find, speak }, request, soundTaskOf(job)))
}

async function keep(path: string, { data }: InputFile, job: Job): Promise<number> {
  const file = { path, content: data, mode: 'write', encoding: 'base64', create_directories: true } as const
  const { size } = (await writeTool.execute(file, contextOf(job))) as { readonly size: number }
  return size
}

// formats

/** The one that is asked for, else that of the file's name; TerminalError where these contradict each other. */
function formatIn({ format, output_path: path }: Input): string | undefined {
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
const isAs = (mediaType: string, format: string) => mediaType === (mediaTypeOfFormat(format) ?? UNKNOWN_TYPE)

import { z } from 'zod'
import { TerminalError } from '../../errors.ts'
import type { Json } from '../../kernel/json.ts'
import { withoutEnd } from '../../lib/text/without-end.ts'
import { filePathInput, pathInput, pathsAt } from '../../tool/builtin/filesystem/path.ts'
import { fileRef } from '../../tool/files/attached.ts'
import { anyValue, numberParameter } from '../../tool/parameters.ts'
import { defineTool, type Tool, type ToolContext } from '../../tool/tool.ts'
import { type OpenedInput, saved, withMedia } from './media-input.ts'

const SOUND_FORMATS = ['mp3', 'wav', 'flac', 'ogg', 'm4a'] as const
type SoundFormat = (typeof SOUND_FORMATS)[number]

const reading = z.object({
  facts: z.json(),
  passages: z.array(z.json()),
})
const sound = z.object({ format: z.string(), bytes: z.int(), path: z.string().exactOptional(), attachment: fileRef })
const frames = z.object({
  frames: z.array(z.object({ seconds: z.number(), path: z.string().exactOptional(), attachment: fileRef })),
})

const audio = { audio: anyValue }
const soundInput = z.object({
  ...audio,
  output_path: filePathInput.optional(),
  format: z.enum(SOUND_FORMATS).optional(),
})
const video = { video: anyValue }
const framesInput = z.object({
  ...video,
  output_path: pathInput.optional(),
  frame_interval: numberParameter.optional(),
})

const soundTool = (operation: string, description: string, isEnhanced: boolean): Tool =>
  defineTool({
    name: `audio-processing:${operation}`,
    description,
    input: soundInput,
    output: sound,
    effect: 'idempotent',
    changes: pathsAt(['output_path']),
    execute: (given, context) => makeSound(given, isEnhanced, context),
  })

/** The readings of recordings and films, and what programs make of them. No model is asked. */
export const mediaTools: readonly Tool[] = [
  defineTool({
    name: 'audio-processing:analyze',
    description: 'Reads length, codec, tags and chapters of a recording',
    input: z.object(audio),
    output: reading,
    effect: 'pure',
    execute: (given, context) => readMedia(given.audio, 'audio', context),
  }),
  soundTool('convert', 'Converts a recording, or the sound of a film, to another format', false),
  soundTool('enhance', 'Makes a recording clearer: less noise, and the loudness of speech on the radio', true),
  defineTool({
    name: 'audio-processing:execute',
    description: 'Analyses, converts or enhances a recording',
    input: soundInput.extend({ operation: z.enum(['analyze', 'convert', 'enhance']).default('analyze') }),
    effect: 'idempotent',
    changes: pathsAt(['output_path']),
    execute: (given, context): Promise<Json> =>
      given.operation === 'analyze'
        ? readMedia(given.audio, 'audio', context)
        : makeSound(given, given.operation === 'enhance', context),
  }),
  defineTool({
    name: 'video-processing:analyze',
    description: 'Reads length, size, tracks, subtitles and chapters of a film, and the text in its frames',
    input: z.object(video),
    output: reading,
    effect: 'pure',
    execute: (given, context) => readMedia(given.video, 'video', context),
  }),
  defineTool({
    name: 'video-processing:extract_frames',
    description: 'Extracts pictures of a film, at most 16',
    input: framesInput,
    output: frames,
    effect: 'idempotent',
    changes: pathsAt(['output_path']),
    execute: takeFrames,
  }),
  defineTool({
    name: 'video-processing:execute',
    description: 'Analyses a film, or extracts pictures of it',
    input: framesInput.extend({ operation: z.enum(['analyze', 'extract_frames']).default('analyze') }),
    effect: 'idempotent',
    changes: pathsAt(['output_path']),
    execute: (given, context): Promise<Json> =>
      given.operation === 'analyze' ? readMedia(given.video, 'video', context) : takeFrames(given, context),
  }),
]

const termsOf = ({ owner, share = owner, signal }: ToolContext) => ({ share, signal })

function readMedia(given: unknown, kind: 'audio' | 'video', context: ToolContext) {
  return withMedia(given, kind, context, async ({ file, programs }) => {
    // loaded when a call needs it
    const { mediaReaderOf } = await import('../../source/media/readers.ts')
    const reader = await mediaReaderOf(file.type, programs)
    const { facts, passages, gaps } = await reader!.read(file, termsOf(context))
    for (const gap of gaps) context.tell?.({ lacks: `${file.name}: ${gap}` })
    return { facts, passages: [...passages] } as z.infer<typeof reading>
  })
}

type SoundInput = z.output<typeof soundInput>

function makeSound(
  { audio: given, output_path: path, format: asked }: SoundInput,
  isCleaned: boolean,
  context: ToolContext,
) {
  const format = formatOf(path, asked)
  return withMedia(given, 'audio', context, async ({ file, programs, files }) => {
    const { soundOf } = await import('../../source/media/sound.ts')
    const bytes = await soundOf(programs, file, { format, isCleaned }, termsOf(context))
    const name = `${file.name.replace(/\.\w+$/, '')}.${format}`
    return { format, bytes: bytes.length, ...(await saved(bytes, { name, path }, files, context)) }
  })
}

/** The format that is asked for, else that of the path, else MP3. */
function formatOf(path: string | undefined, asked: SoundFormat | undefined): SoundFormat {
  const ending = path === undefined ? undefined : /\.(\w+)$/.exec(path.toLowerCase())?.[1]
  const named = SOUND_FORMATS.find((format) => format === ending)
  if (path !== undefined && named === undefined)
    throw new TerminalError(`Expected output_path to end with one of ${SOUND_FORMATS.join(', ')}, got ${path}.`, {
      code: 'bad_value',
    })
  if (asked !== undefined && named !== undefined && asked !== named)
    throw new TerminalError(`parameters.format is ${asked}, but ${path} is named as ${named}.`, { code: 'bad_value' })
  return asked ?? named ?? 'mp3'
}

type FramesInput = z.output<typeof framesInput>

/** Seconds between two frames, unless the call says otherwise. */
const FRAME_INTERVAL = 1

function takeFrames({ video: given, output_path: folder, frame_interval: every }: FramesInput, context: ToolContext) {
  const interval = every ?? FRAME_INTERVAL
  if (!(interval > 0))
    throw new TerminalError(`Expected frame_interval to be above 0 seconds, got ${interval}.`, { code: 'bad_value' })
  return withMedia(given, 'video', context, async (opened: OpenedInput) => {
    const { file, programs, files } = opened
    const { framesEvery } = await import('../../source/media/film.ts')
    const { frames: found, isCut } = await framesEvery(programs, file, interval, termsOf(context))
    if (isCut) context.tell?.({ lacks: `${file.name}: only the first ${found.length} frames were taken` })
    const made = []
    for (const [place, { seconds, data }] of found.entries()) {
      const name = `frame-${String(place + 1).padStart(2, '0')}.jpg`
      const path = folder === undefined ? undefined : `${withoutEnd(folder, /\//)}/${name}`
      made.push({ seconds, ...(await saved(data, { name, path }, files, context)) })
    }
    return { frames: made }
  })
}

import { present } from '../../lib/json/present.ts'
import { pictureSize } from '../../lib/media/picture-size.ts'
import { readContainer } from './container.ts'
import { linesOfPicture } from './ocr.ts'
import type { ParsedContainer } from './parsers.ts'
import { ffmpegInput, gapFor, type MediaPrograms, type OpenedMedia } from './programs.ts'
import type { MediaFile, MediaFrame, MediaPassage, MediaReader, VideoFacts } from './reading.ts'
import { chaptersOf, cuesOf, shownSeconds } from './timed-text.ts'

const MAX_FRAMES = 16
/** Pixels of the longer side of a frame. */
const FRAME_SIDE = 1280

/** Reads films: container, codecs, length, size, tags, subtitles, chapters, and the text in frames. */
export const filmReader = (programs: MediaPrograms): MediaReader => ({
  name: 'film-1',
  async read(file, terms) {
    const parsed = await readContainer(file, terms)
    const facts = factsOf(parsed)
    const missing = await programs.gapOf('ffmpeg')
    if (missing !== undefined)
      return { facts, passages: [], frames: [], gaps: [`subtitles and frames were not read: ${missing}`] }
    const opened = await programs.open(file, terms.signal)
    try {
      const gaps: string[] = []
      const attempt = async <T>(what: string, work: () => Promise<readonly T[]>): Promise<readonly T[]> => {
        try {
          return await work()
        } catch (error) {
          gaps.push(gapFor(what, error))
          return []
        }
      }
      const chapters = await attempt('chapters were not read', async () =>
        chaptersOf(await opened.run('ffmpeg', [...ffmpegInput(file, opened.path), '-f', 'ffmetadata', '-'])),
      )
      const subtitles = await attempt('subtitles were not read', () => readSubtitles(opened, file, gaps))
      const frames = await attempt('frames were not read', () => readFrames(opened, file, facts))
      const drawn = await attempt('text in frames was not read', () => textOfFrames(programs, opened, frames, gaps))
      return { facts, passages: [...chapters, ...subtitles, ...drawn], frames, gaps }
    } finally {
      await opened.close()
    }
  },
})

function factsOf({ container, seconds, tags, tracks }: ParsedContainer): VideoFacts {
  const video = tracks.find(({ type }) => type === 'video')
  return {
    kind: 'video',
    container,
    seconds,
    tags,
    ...present({ width: video?.width, height: video?.height, framesPerSecond: video?.rate }),
    tracks: tracks.map(({ type, codec, language }) => ({ type, ...present({ codec, language }) })),
  }
}

async function readSubtitles(opened: OpenedMedia, file: MediaFile, gaps: string[]): Promise<readonly MediaPassage[]> {
  // `?`: a film without subtitles is no failure, but then ffmpeg has nothing to write
  const args = [...ffmpegInput(file, opened.path), '-map', '0:s:0', '-f', 'srt', '-']
  const srt = await opened.run('ffmpeg', args).catch((error: Error) => {
    if (/matches no streams|cannot read it/.test(error.message)) return ''
    throw error
  })
  const { passages, isCut } = cuesOf(srt)
  if (isCut) gaps.push(`only the first ${passages.length} subtitles were read`)
  return passages
}

/** Frames evenly over the whole length, each from the middle of its stretch. */
async function readFrames(opened: OpenedMedia, file: MediaFile, facts: VideoFacts): Promise<readonly MediaFrame[]> {
  if (facts.width === undefined) return []
  const count = Math.max(1, Math.min(MAX_FRAMES, Math.floor(facts.seconds)))
  const stretch = facts.seconds / count
  const frames: MediaFrame[] = []
  for (let place = 0; place < count; place++) {
    const seconds = Math.round(place * stretch * 100) / 100
    const name = `frame-${place}.jpg`
    const scale = `scale='min(${FRAME_SIDE},iw)':'min(${FRAME_SIDE},ih)':force_original_aspect_ratio=decrease`
    const seek = ['-ss', shownSeconds(seconds), ...ffmpegInput(file, opened.path)]
    const files = await opened.filesOf('ffmpeg', [
      ...seek,
      '-frames:v',
      '1',
      '-vf',
      scale,
      '-q:v',
      '3',
      '-threads',
      '1',
      name,
    ])
    const data = files.get(name)
    const size = data && pictureSize('image/jpeg', data)
    if (data && size) frames.push({ seconds, ...size, data })
  }
  return frames
}

/** The text of each frame, at its time. A text that stays is told once. */
async function textOfFrames(
  programs: MediaPrograms,
  opened: OpenedMedia,
  frames: readonly MediaFrame[],
  gaps: string[],
): Promise<readonly MediaPassage[]> {
  if (frames.length === 0) return []
  const missing = await programs.gapOf('tesseract')
  if (missing !== undefined) {
    gaps.push(`text in frames was not read: ${missing}`)
    return []
  }
  const found: MediaPassage[] = []
  let before: readonly MediaPassage[] = []
  for (const [place, { seconds }] of frames.entries()) {
    const path = `${opened.folder}/frame-${place}.jpg`
    const lines = await linesOfPicture(opened, path, `t=${shownSeconds(seconds)}&`)
    found.push(...lines.filter(({ text }) => !before.some((line) => line.text === text)))
    before = lines
  }
  return found
}

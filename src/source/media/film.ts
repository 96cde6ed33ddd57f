import type { ReaderRecording } from '../../extension/reader.ts'
import { present } from '../../lib/json/present.ts'
import { pictureSize } from '../../lib/media/picture-size.ts'
import { recordingOf } from './headers.ts'
import { linesOfPicture } from './picture/ocr.ts'
import { ffmpegInput, gapFor, type MediaPrograms, type OpenedMedia, withProgram } from './programs.ts'
import type { MediaFile, MediaFrame, MediaPassage, MediaReader, MediaTerms, VideoFacts } from './reading.ts'
import { chaptersOf, cuesOf, shownSeconds } from './timed-text.ts'

const MAX_FRAMES = 16
/** Pixels of the longer side of a frame. */
const FRAME_SIDE = 1280

/** Reads films: container, codecs, length, size, tags, subtitles, chapters, and the text in frames. */
export const filmReader = (programs: MediaPrograms): MediaReader => ({
  name: 'film-1',
  async read(file, terms) {
    const parsed = await recordingOf(file, terms)
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

function factsOf({ container, seconds, tags, tracks }: ReaderRecording): VideoFacts {
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

/** Frames evenly over the whole length, each from the start of its stretch. */
function readFrames(opened: OpenedMedia, file: MediaFile, facts: VideoFacts): Promise<readonly MediaFrame[]> {
  if (facts.width === undefined) return Promise.resolve([])
  const count = Math.max(1, Math.min(MAX_FRAMES, Math.floor(facts.seconds)))
  const times = Array.from({ length: count }, (_, place) => (place * facts.seconds) / count)
  return framesAt(opened, file, times)
}

/** The pictures of a film at these seconds, as JPEG. */
async function framesAt(
  opened: OpenedMedia,
  file: MediaFile,
  times: readonly number[],
): Promise<readonly MediaFrame[]> {
  const scale = `scale='min(${FRAME_SIDE},iw)':'min(${FRAME_SIDE},ih)':force_original_aspect_ratio=decrease`
  const options = ['-frames:v', '1', '-vf', scale, '-q:v', '3', '-threads', '1']
  const frames: MediaFrame[] = []
  for (const [place, time] of times.entries()) {
    const name = `frame-${place}.jpg`
    const seek = ['-ss', shownSeconds(time), ...ffmpegInput(file, opened.path)]
    const data = (await opened.filesOf('ffmpeg', [...seek, ...options, name])).get(name)
    const size = data && pictureSize('image/jpeg', data)
    if (data && size) frames.push({ seconds: Math.round(time * 100) / 100, ...size, data })
  }
  return frames
}

/** The pictures of a film every so many seconds, at most 16. `isCut`: there would be more. */
export async function framesEvery(
  programs: MediaPrograms,
  file: MediaFile,
  every: number,
  terms: MediaTerms,
): Promise<{ readonly frames: readonly MediaFrame[]; readonly isCut: boolean }> {
  const { seconds } = factsOf(await recordingOf(file, terms))
  const count = Math.max(1, Math.ceil(seconds / every))
  const times = Array.from({ length: Math.min(MAX_FRAMES, count) }, (_, place) => place * every)
  const frames = await withProgram(programs, 'ffmpeg', file, terms, (opened) => framesAt(opened, file, times))
  return { frames, isCut: count > MAX_FRAMES }
}

/** The text of each frame, at its time. A line that the frame before has, too, is left out. */
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

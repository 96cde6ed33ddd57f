import { present } from '../../lib/json/present.ts'
import { recordingOf } from './headers.ts'
import { ffmpegInput, gapFor, type MediaPrograms } from './programs.ts'
import type { AudioFacts, MediaFile, MediaPassage, MediaReader, MediaTerms } from './reading.ts'
import { chaptersOf } from './timed-text.ts'

/** Reads recordings: container, codec, length, rate, tags and chapters. Speech is for a model. */
export const recordingReader = (programs: MediaPrograms): MediaReader => ({
  name: 'recording-1',
  async read(file, terms) {
    const { container, seconds, tags, tracks } = await recordingOf(file, terms)
    const { codec, sampleRate, channels } = tracks.find(({ type }) => type === 'audio') ?? {}
    const bitRate = Math.round((file.bytes * 8) / seconds)
    const sound = present({ codec, sampleRate, channels })
    const facts: AudioFacts = { kind: 'audio', container, seconds, bitRate, tags, ...sound }
    const { passages, gaps } = await readChapters(programs, file, terms)
    return { facts, passages, frames: [], gaps }
  },
})

/** Containers that may have chapters. Others need no program. */
const WITH_CHAPTERS: readonly string[] = ['audio/mp4', 'audio/ogg', 'audio/mpeg', 'audio/webm']

async function readChapters(
  programs: MediaPrograms,
  file: MediaFile,
  { signal }: MediaTerms,
): Promise<{ readonly passages: readonly MediaPassage[]; readonly gaps: readonly string[] }> {
  if (!WITH_CHAPTERS.includes(file.type)) return { passages: [], gaps: [] }
  const gap = await programs.gapOf('ffmpeg')
  if (gap !== undefined) return { passages: [], gaps: [`chapters were not read: ${gap}`] }
  const opened = await programs.open(file, signal)
  try {
    const metadata = await opened.run('ffmpeg', [...ffmpegInput(file, opened.path), '-f', 'ffmetadata', '-'])
    return { passages: chaptersOf(metadata), gaps: [] }
  } catch (error) {
    return { passages: [], gaps: [gapFor('chapters were not read', error)] }
  } finally {
    await opened.close()
  }
}

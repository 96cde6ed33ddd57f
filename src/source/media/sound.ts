import { unread } from '../../extension/reader.ts'
import { ffmpegInput, type MediaPrograms, withProgram } from './programs.ts'
import type { MediaFile, MediaTerms } from './reading.ts'

/** Removes rumble and noise, with the loudness of radio speech. The last filter has 192 kHz: the rate is set anew. */
const CLEAN = ['-af', 'highpass=f=80,afftdn=nf=-25,loudnorm=I=-16:TP=-1.5', '-ar', '48000']

/** The sound of a recording or a film in another format. `isCleaned`: with less noise, and louder. */
export async function soundOf(
  programs: MediaPrograms,
  file: MediaFile,
  { format, isCleaned }: { readonly format: string; readonly isCleaned: boolean },
  terms: MediaTerms,
): Promise<Uint8Array> {
  const name = `sound.${format}`
  // the tags of a film may name places and people
  const options = ['-vn', '-sn', '-dn', '-map_metadata', '-1', '-threads', '1', ...(isCleaned ? CLEAN : [])]
  const files = await withProgram(programs, 'ffmpeg', file, terms, (opened) =>
    opened.filesOf('ffmpeg', [...ffmpegInput(file, opened.path), ...options, name]),
  )
  const bytes = files.get(name)
  if (!bytes || bytes.length === 0) throw unread('it has no sound', 'bad_value')
  return bytes
}

import { execFileSync, spawnSync } from 'node:child_process'
import { mkdtempSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { MediaFile } from '../../../src/source/media/reading.ts'

/** The first of these programs that is missing here. */
export const missingOf = (...programs: readonly string[]): string | undefined =>
  programs.find((program) => spawnSync('sh', ['-c', `command -v ${program}`]).status !== 0)

const folder = mkdtempSync(join(tmpdir(), 'antiphon-media-'))
const FONT = '/usr/share/fonts/truetype/dejavu/DejaVuSans.ttf'
const TYPES: { readonly [ending: string]: string } = {
  jpg: 'image/jpeg',
  png: 'image/png',
  mp3: 'audio/mpeg',
  flac: 'audio/flac',
  ogg: 'audio/ogg',
  m4a: 'audio/mp4',
  wav: 'audio/wav',
  mp4: 'video/mp4',
  mkv: 'video/matroska',
  webm: 'video/webm',
}

/** A file of the folder of these tests, as readers get it. */
export function mediaFile(name: string): MediaFile {
  const path = join(folder, name)
  return { path, name, type: TYPES[name.split('.').at(-1)!]!, bytes: statSync(path).size }
}

/** Writes a file, and gives it. */
export function written(name: string, bytes: Uint8Array | string): MediaFile {
  writeFileSync(join(folder, name), bytes)
  return mediaFile(name)
}

const ffmpeg = (...args: readonly string[]) => execFileSync('ffmpeg', ['-v', 'error', '-y', ...args], { cwd: folder })

/** A recording of a sentence, spoken by a program. */
export function speech(name: string, text: string, tags: { readonly [name: string]: string } = {}): MediaFile {
  execFileSync('espeak-ng', ['-w', join(folder, 'said.wav'), text])
  ffmpeg('-i', 'said.wav', ...Object.entries(tags).flatMap(([tag, value]) => ['-metadata', `${tag}=${value}`]), name)
  return mediaFile(name)
}

const drawn = (line: string, place: number) =>
  `drawtext=fontfile=${FONT}:text='${line}':fontsize=40:x=60:y=${80 + 70 * place}`

/** A white picture with lines of text. */
export function picture(name: string, lines: readonly string[]): MediaFile {
  ffmpeg('-f', 'lavfi', '-i', 'color=white:s=900x700', '-vf', lines.map(drawn).join(','), '-frames:v', '1', name)
  return mediaFile(name)
}

/** A film of slides of four seconds each, with a sound and subtitles. */
export function film(name: string, slides: readonly string[], srt = ''): MediaFile {
  const seconds = slides.length * 4
  const colours = slides.flatMap(() => ['-f', 'lavfi', '-i', 'color=white:s=640x360:r=10:d=4'])
  const filters = slides.map((line, place) => `[${place}:v]${drawn(line, 1)}[v${place}]`)
  const joined = `${slides.map((_, place) => `[v${place}]`).join('')}concat=n=${slides.length}:v=1[v]`
  writeFileSync(join(folder, 'film.srt'), srt)
  ffmpeg(
    ...[...colours, '-f', 'lavfi', '-i', `sine=440:d=${seconds}`, ...(srt === '' ? [] : ['-i', 'film.srt'])],
    ...['-filter_complex', [...filters, joined].join(';'), '-map', '[v]', '-map', `${slides.length}:a`],
    ...(srt === '' ? [] : ['-map', String(slides.length + 1), '-c:s', 'mov_text']),
    ...['-c:v', 'libx264', '-preset', 'ultrafast', '-c:a', 'aac', '-metadata', 'title=Slides', name],
  )
  return mediaFile(name)
}

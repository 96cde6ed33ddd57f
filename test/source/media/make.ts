import { execFileSync, spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DOCX_TYPE } from '../../../src/source/document.ts'
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
  pdf: 'application/pdf',
  gif: 'image/gif',
  webp: 'image/webp',
  tiff: 'image/tiff',
  gguf: 'application/x-gguf',
  safetensors: 'application/x-safetensors',
  onnx: 'application/x-onnx',
  docx: DOCX_TYPE,
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

/** Runs ffmpeg in the folder of these tests. */
export const ffmpeg = (...args: readonly string[]) =>
  execFileSync('ffmpeg', ['-v', 'error', '-y', ...args], { cwd: folder })

/** A recording of a sentence, spoken by a program. */
export function speech(name: string, text: string, tags: { readonly [name: string]: string } = {}): MediaFile {
  execFileSync('espeak-ng', ['-w', join(folder, 'said.wav'), text])
  ffmpeg('-i', 'said.wav', ...Object.entries(tags).flatMap(([tag, value]) => ['-metadata', `${tag}=${value}`]), name)
  return mediaFile(name)
}

/** A picture of noise, which no form of compression makes small. */
export function largePicture(name: string, width: number, height: number): MediaFile {
  ffmpeg(
    '-f',
    'lavfi',
    '-i',
    `nullsrc=s=${width}x${height}`,
    '-vf',
    'geq=random(1)*255:128:128',
    '-frames:v',
    '1',
    '-q:v',
    '2',
    name,
  )
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

/** A PDF with a page of text and a page that is a picture of text. */
export function scannedPdf(name: string, line: string): MediaFile {
  const { path } = picture('scan.png', [line])
  execFileSync('ffmpeg', ['-v', 'error', '-y', '-i', path, join(folder, 'scan.jpg')])
  const jpeg = readFileSync(join(folder, 'scan.jpg'))
  const text = Buffer.from('BT /F1 24 Tf 72 700 Td (The first page has letters.) Tj ET')
  const shown = Buffer.from('q 612 0 0 476 0 200 cm /I Do Q')
  const stream = (head: string, bytes: Buffer) =>
    Buffer.concat([Buffer.from(`<< ${head} /Length ${bytes.length} >>\nstream\n`), bytes, Buffer.from('\nendstream')])
  const page = (content: number, resources: string) =>
    Buffer.from(
      `<< /Type /Page /Parent 2 0 R /MediaBox [0 0 612 792] /Contents ${content} 0 R /Resources << ${resources} >> >>`,
    )
  const objects = [
    Buffer.from('<< /Type /Catalog /Pages 2 0 R >>'),
    Buffer.from('<< /Type /Pages /Kids [3 0 R 4 0 R] /Count 2 >>'),
    page(5, '/Font << /F1 7 0 R >>'),
    page(6, '/XObject << /I 8 0 R >>'),
    stream('', text),
    stream('', shown),
    Buffer.from('<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>'),
    stream(
      '/Type /XObject /Subtype /Image /Width 900 /Height 700 /ColorSpace /DeviceRGB /BitsPerComponent 8 /Filter /DCTDecode',
      jpeg,
    ),
  ]
  const pieces: Buffer[] = [Buffer.from('%PDF-1.4\n')]
  const offsets: number[] = []
  for (const [place, object] of objects.entries()) {
    offsets.push(pieces.reduce((sum, piece) => sum + piece.length, 0))
    pieces.push(Buffer.from(`${place + 1} 0 obj\n`), object, Buffer.from('\nendobj\n'))
  }
  const begin = pieces.reduce((sum, piece) => sum + piece.length, 0)
  const rows = offsets.map((offset) => `${String(offset).padStart(10, '0')} 00000 n \n`).join('')
  pieces.push(
    Buffer.from(
      `xref\n0 ${objects.length + 1}\n0000000000 65535 f \n${rows}trailer << /Size ${objects.length + 1} /Root 1 0 R >>\nstartxref\n${begin}\n%%EOF`,
    ),
  )
  return written(name, Buffer.concat(pieces))
}

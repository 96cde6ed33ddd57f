import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { is } from '../../../src/errors.ts'
import { createSandboxes } from '../../../src/sandbox/choose.ts'
import { DOCX_TYPE } from '../../../src/source/document.ts'
import { mediaPrograms } from '../../../src/source/media/programs.ts'
import { mediaReaderOf } from '../../../src/source/media/readers.ts'
import type { MediaFile } from '../../../src/source/media/reading.ts'
import { readDocument } from '../../../src/source/source.ts'
import { besideOthers } from '../../chaos/killed.ts'
import { fc, TIMES } from '../../property.ts'
import { makeDocx } from '../make-files.ts'
import { mutated } from '../make-hostile.ts'
import { ffmpeg, mediaFile, missingOf, picture, scannedPdf, written } from './make.ts'
import { gguf, LAYERS, onnx, safetensors } from './make-weights.ts'

const missing = missingOf('ffmpeg', 'tesseract', 'pdftoppm', 'bwrap')
const programs = mediaPrograms(createSandboxes({}).open)
/** ANTIPHON_FUZZ=15: thirty files of each kind. */
const COUNT = 2 * TIMES
const LONGEST_MS = 30_000
const MOST_BYTES = 300_000_000

const made = (name: string, ...args: readonly string[]) => {
  ffmpeg('-f', 'lavfi', ...args, name)
  return mediaFile(name)
}
const sound = (name: string) => made(name, '-i', 'sine=440:d=2', '-metadata', 'artist=Ada Reed')
const short = (name: string) => made(name, '-i', 'testsrc=s=64x48:r=5:d=2')

const KINDS: { readonly [ending: string]: (name: string) => MediaFile } = {
  png: (name) => picture(name, ['Total 900 EUR']),
  jpg: (name) => picture(name, ['Total 900 EUR']),
  gif: short,
  webp: (name) => picture(name, ['Total 900 EUR']),
  tiff: (name) => picture(name, ['Total 900 EUR']),
  pdf: (name) => scannedPdf(name, 'Total 900 EUR'),
  wav: sound,
  mp3: sound,
  flac: sound,
  ogg: sound,
  m4a: sound,
  mp4: short,
  webm: short,
  gguf: (name) => written(name, gguf()),
  safetensors: (name) => written(name, safetensors(LAYERS, 420)),
  onnx: (name) => written(name, onnx()),
  docx: (name) => written(name, makeDocx(['# Tides', 'Ebb comes.'])),
}

async function read(file: MediaFile): Promise<void> {
  const reader = await mediaReaderOf(file.type, programs)
  if (reader) await reader.read(file, { share: 'test' })
  if (file.name.endsWith('.pdf')) await readDocument(file.name, readFileSync(file.path))
  if (file.name.endsWith('.docx')) await readDocument(file.name, readFileSync(file.path), { type: DOCX_TYPE })
}

test.skipIf(missing).each(Object.keys(KINDS))(
  `files made of a %s by changes are read or refused by name, in bounded time and memory${missing ? `, without ${missing}` : ''}`,
  async (ending) => {
    const whole = KINDS[ending]!(`whole.${ending}`)
    await read(whole)
    const bytes = readFileSync(whole.path)
    const before = process.memoryUsage.rss()
    const changed = fc.asyncProperty(fc.nat(), async (seed) => {
      const file = written(`changed.${ending}`, mutated(bytes, seed))
      const begun = performance.now()
      await read(file).catch((error: unknown) => {
        if (!is(error) || error.code === 'internal' || error.message === '') throw error
        expect(error.code).not.toMatch(/worker_lost|cut_off/)
      })
      expect(performance.now() - begun).toBeLessThan(besideOthers(LONGEST_MS))
      expect(process.memoryUsage.rss() - before).toBeLessThan(MOST_BYTES)
    })
    await fc.assert(changed, { numRuns: COUNT, endOnFailure: true })
  },
  240_000 + COUNT * LONGEST_MS,
)

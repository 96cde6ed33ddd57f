import { open } from 'node:fs/promises'
import { unread } from '../../../extension/reader.ts'
import { present } from '../../../lib/json/present.ts'
import { isAnimation } from '../../../lib/media/animation.ts'
import { pictureSize } from '../../../lib/media/picture-size.ts'
import { tiffSize } from '../../../lib/media/tiff-size.ts'
import { cameraOf } from '../headers.ts'
import { gapFor, MAX_PIXELS, type MediaPrograms } from '../programs.ts'
import type { ImageFacts, MediaFile, MediaReader, MediaReading, MediaTerms } from '../reading.ts'
import { linesOfPicture } from './ocr.ts'

/** Bytes that hold the headers of a picture. */
const HEAD = 1024 * 1024

/** Reads pictures: their size, camera and time, and the text in them. */
export const pictureReader = (programs: MediaPrograms): MediaReader => ({
  name: 'picture-2',
  async read(file, terms) {
    const head = await readBytes(file, 0, HEAD)
    const facts = await factsOf(file, head, terms)
    const gaps = isAnimation(file.type, head) ? ['it is an animation, and only its first picture was read'] : []
    const reading = (passages: MediaReading['passages'], ...more: readonly string[]): MediaReading => ({
      facts,
      passages,
      frames: [],
      gaps: [...gaps, ...more],
    })
    const gap = await programs.gapOf('tesseract')
    if (gap !== undefined) return reading([], `text in it was not read: ${gap}`)
    const opened = await programs.open(file, terms.signal)
    try {
      return reading(await linesOfPicture(opened, opened.path))
    } catch (error) {
      return reading([], gapFor('text in it was not read', error))
    } finally {
      await opened.close()
    }
  },
})

async function factsOf(file: MediaFile, head: Buffer, terms: MediaTerms): Promise<ImageFacts> {
  const { camera, takenAt } = await cameraOf(file, terms)
  const readAt = (at: number, bytes: number) => readBytes(file, at, bytes)
  const size = file.type === 'image/tiff' ? await tiffSize(readAt) : pictureSize(file.type, head)
  if (!size) throw unread('it is damaged: its header has no size', 'bad_value')
  if (size.width * size.height > MAX_PIXELS)
    throw unread(
      `it has ${size.width} × ${size.height} pixels, and at most ${MAX_PIXELS / 1e6} million are decoded`,
      'too_large',
    )
  return {
    kind: 'image',
    format: file.type.slice('image/'.length).toUpperCase(),
    ...size,
    ...present({ camera, takenAt }),
  }
}

async function readBytes({ path }: MediaFile, at: number, most: number): Promise<Buffer> {
  const handle = await open(path)
  try {
    const bytes = Buffer.alloc(most)
    const { bytesRead } = await handle.read(bytes, 0, most, at)
    return bytes.subarray(0, bytesRead)
  } finally {
    await handle.close()
  }
}

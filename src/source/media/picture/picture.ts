import { open } from 'node:fs/promises'
import { present } from '../../../lib/json/present.ts'
import { pictureSize } from '../../../lib/media/picture-size.ts'
import { boundedOffload } from '../../../worker/offload/offload.ts'
import { unread } from '../../open-file.ts'
import { PARSE_MS, parseJob } from '../parse-job.ts'
import { gapFor, MAX_PIXELS, type MediaPrograms } from '../programs.ts'
import type { ImageFacts, MediaFile, MediaReader, MediaTerms } from '../reading.ts'
import { linesOfPicture } from './ocr.ts'

/** Bytes that hold the headers of a picture. */
const HEAD = 1024 * 1024

/** Reads pictures: their size, camera and time, and the text in them. */
export const pictureReader = (programs: MediaPrograms): MediaReader => ({
  name: 'picture-1',
  async read(file, terms) {
    const facts = await factsOf(file, terms)
    const gap = await programs.gapOf('tesseract')
    if (gap !== undefined) return { facts, passages: [], frames: [], gaps: [`text in it was not read: ${gap}`] }
    const opened = await programs.open(file, terms.signal)
    try {
      return { facts, passages: await linesOfPicture(opened, opened.path), frames: [], gaps: [] }
    } catch (error) {
      return { facts, passages: [], frames: [], gaps: [gapFor('text in it was not read', error)] }
    } finally {
      await opened.close()
    }
  },
})

async function factsOf(file: MediaFile, terms: MediaTerms): Promise<ImageFacts> {
  const head = await readHead(file)
  const tags = await boundedOffload().run(
    parseJob('exifOf'),
    { bytes: head },
    {
      share: terms.share,
      deadline: PARSE_MS,
      what: `Reading ${file.name}`,
      signal: terms.signal,
    },
  )
  const { width, height, camera, takenAt } = tags as Partial<
    Pick<ImageFacts, 'width' | 'height' | 'camera' | 'takenAt'>
  >
  const size = pictureSize(file.type, head) ?? (width && height ? { width, height } : undefined)
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

async function readHead({ path }: MediaFile): Promise<Buffer> {
  const handle = await open(path)
  try {
    const bytes = Buffer.alloc(HEAD)
    const { bytesRead } = await handle.read(bytes, 0, HEAD, 0)
    return bytes.subarray(0, bytesRead)
  } finally {
    await handle.close()
  }
}

import { stat } from 'node:fs/promises'
import { basename } from 'node:path'
import { unread } from '../../extension/reader.ts'
import { type FileRef, fileIdOf } from '../../lib/media/file-ref.ts'
import { ownerField } from '../../lib/owner.ts'
import { documentOfReading } from '../../source/media/document-of.ts'
import type { MediaDocuments, ShownMedia } from '../../source/media/documents.ts'
import type { PictureBounds, SmallPicture } from '../../source/media/picture/resize.ts'
import { withScannedPages } from '../../source/media/picture/scan.ts'
import type { MediaPrograms } from '../../source/media/programs.ts'
import { isMediaType, mediaReaderOf } from '../../source/media/readers.ts'
import type { MediaFile, MediaReading, MediaTerms } from '../../source/media/reading.ts'
import { emptyPages, pagesOf } from '../../source/pdf/pages.ts'
import { readDocument, readFileBytes } from '../../source/source.ts'
import type { Blobs, ByteStore } from '../../store/blobs/blobs.ts'
import { wholeBytes } from '../../store/blobs/whole-bytes.ts'
import { createHearing, type HeardSpeech, type HearTerms, mayHoldSpeech } from './hear.ts'
import { type FileReadings, madeOnce } from './readings.ts'
import { smallPictures } from './small-pictures.ts'

/** Frames of a film that a model gets. */
const MAX_SHOWN = 8
/** Whether a model may take files of this type. */
const isShownType = (type: string): boolean => type.startsWith('image/') || mayHoldSpeech(type)
const DECODERS = ['ffmpeg', 'tesseract', 'pdftoppm'] as const

/** A frame of a film in the store of values. */
type StoredFrame = {
  readonly seconds: number
  readonly width: number
  readonly height: number
  readonly hash: string
  readonly bytes: number
}

type StoredReading = Omit<MediaReading, 'frames'> & { readonly frames: readonly StoredFrame[] }

export type MediaParts = {
  readonly readings: () => FileReadings
  readonly values: Pick<Blobs, 'put' | 'get'> & ByteStore
  readonly programs: () => Promise<MediaPrograms>
}

/** Reads pictures, recordings and films: each once for its owner. */
export interface MediaFiles extends MediaDocuments {
  /** The reading of a stored file. @throws TerminalError with words that follow its name */
  read(file: FileRef, terms: MediaTerms & { readonly owner?: string }): Promise<StoredReading>
  /** The speech in a recording or a film, transcribed once. */
  hear(file: FileRef, terms: HearTerms): Promise<HeardSpeech>
  /** A picture within bounds, made once; undefined: it cannot be made smaller here. */
  smallPicture(file: FileRef, bounds: PictureBounds, owner: string | undefined): Promise<SmallPicture | undefined>
}

export function mediaFiles({ readings, values, programs }: MediaParts): MediaFiles {
  const bytes = wholeBytes(values)
  const hearing = createHearing({ readings, programs, values })
  const running = new Map<string, Promise<StoredReading>>()

  async function readerOf(type: string) {
    const reader = await mediaReaderOf(type, await programs())
    if (!reader) throw unread(`no reader here reads ${type}`, 'not_supported')
    return reader
  }

  /** The programs that run here: a reading without one of them is made again once it is installed. */
  async function present(): Promise<readonly string[]> {
    const port = await programs()
    const gaps = await Promise.all(DECODERS.map((program) => port.gapOf(program)))
    return DECODERS.filter((_, place) => gaps[place] === undefined)
  }

  async function readStored(file: FileRef, terms: MediaTerms & { readonly owner?: string }): Promise<StoredReading> {
    const reader = await readerOf(file.type)
    return madeOnce<StoredReading>(readings(), {
      file,
      owner: terms.owner,
      reader: [reader.name, ...(await present())].join('+'),
      get: async (hash) => (await values.get(hash)) as StoredReading,
      async make(path) {
        const { frames, ...read } = await reader.read({ ...file, path }, terms)
        const stored = await Promise.all(
          frames.map(async ({ data, ...frame }) => ({ ...frame, bytes: data.length, hash: await bytes.put(data) })),
        )
        const value: StoredReading = { ...read, frames: stored }
        return { value, hashes: [await values.put(value as never), ...stored.map((frame) => frame.hash)] }
      },
    })
  }

  function read(file: FileRef, terms: MediaTerms & { readonly owner?: string }): Promise<StoredReading> {
    const key = [terms.owner ?? '', file.file].join(' ')
    const reading = running.get(key) ?? readStored(file, terms)
    running.set(key, reading)
    return reading.finally(() => void (running.get(key) === reading && running.delete(key)))
  }

  async function wholeFile({ file }: FileRef, owner: string | undefined): Promise<Uint8Array> {
    const { path, close } = await readings().onDisk(file, ownerField(owner))
    return readFileBytes(path).finally(close)
  }

  const shownWhole = (file: FileRef, owner: string | undefined): ShownMedia => ({
    file,
    read: () => wholeFile(file, owner),
    small: (bounds) => media.smallPicture(file, bounds, owner),
  })

  const media: MediaFiles = {
    read,
    async document(file, terms) {
      if (isMediaType(file.type)) {
        const reading = await read(file, terms)
        const heard = mayHoldSpeech(file.type) ? await hearing.find(file, terms.owner) : undefined
        return documentOfReading(
          file,
          heard ? { ...reading, passages: [...reading.passages, ...heard.passages] } : reading,
        )
      }
      const { path, close } = await readings().onDisk(file.file, ownerField(terms.owner))
      try {
        const { type, name } = file
        const document = await readDocument(name, await readFileBytes(path, terms.signal), { ...terms, type })
        const isScan = document.places === 'pages' && emptyPages(pagesOf(document)).length > 0
        return isScan ? withScannedPages(document, await read(file, terms)) : document
      } finally {
        await close()
      }
    },
    async shownFiles(file, terms) {
      if (!isShownType(file.type)) return []
      if (!file.type.startsWith('video/')) return [shownWhole(file, terms.owner)]
      const { frames } = await read(file, terms)
      const step = Math.max(1, Math.ceil(frames.length / MAX_SHOWN))
      const shown = frames.filter((_, place) => place % step === 0)
      return shown.map(({ hash, seconds, bytes: size }) => ({
        file: { file: fileIdOf(hash), type: 'image/jpeg', name: `${file.name} at ${seconds} s`, bytes: size },
        read: () => bytes.get(hash),
        // frames are small already
        small: async () => undefined,
      }))
    },
    hear: hearing.hear,
    smallPicture: smallPictures({ readings, bytes, programs }),
    async documentAt(path, type, terms) {
      const { size } = await stat(path).catch((error: NodeJS.ErrnoException) => {
        throw unread(error.code === 'ENOENT' ? 'the file does not exist' : `it cannot be read (${error.code})`)
      })
      const file: MediaFile = { path, type, name: basename(path), bytes: size }
      const reading = await (await readerOf(type)).read(file, terms)
      if (isMediaType(type)) return documentOfReading(file, reading)
      return withScannedPages(await readDocument(file.name, await readFileBytes(path, terms.signal), terms), reading)
    },
  }
  return media
}

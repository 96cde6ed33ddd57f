import { is } from '../../errors.ts'
import { type SmallPicture, smallerPicture } from '../../source/media/picture/resize.ts'
import type { MediaFiles, MediaParts } from './media-files.ts'
import { madeOnce } from './readings.ts'

type Parts = Pick<MediaParts, 'readings' | 'programs'> & {
  readonly bytes: { put(content: Uint8Array): Promise<string>; get(hash: string): Promise<Uint8Array> }
}

/** The first byte of a JPEG. */
const JPEG = 0xff

/** Makes pictures smaller, each once for its owner and its bounds. */
export function smallPictures({ readings, programs, bytes }: Parts): MediaFiles['smallPicture'] {
  return (file, bounds, owner) =>
    madeOnce<SmallPicture | undefined>(readings(), {
      file,
      owner,
      // a version would stand behind a hyphen, and replace the others: a thumbnail must not
      reader: `small_${bounds.side}_${bounds.bytes}`,
      async get(hash) {
        const data = await bytes.get(hash)
        return { type: data[0] === JPEG ? 'image/jpeg' : 'image/png', data }
      },
      async make(path) {
        const value = await smallerPicture(await programs(), { ...file, path }, bounds).catch((error: unknown) => {
          // a decoder that cannot read it leaves it as it is
          if (is(error) && error.terminal) return undefined
          throw error
        })
        return { value, hashes: value ? [await bytes.put(value.data)] : [] }
      },
    })
}

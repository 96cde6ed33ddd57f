import { is } from '../../errors.ts'
import { ownerField } from '../../lib/owner.ts'
import { smallerPicture } from '../../source/media/picture/resize.ts'
import type { MediaFiles, MediaParts } from './media-files.ts'

type Parts = Pick<MediaParts, 'readings' | 'programs'> & {
  readonly bytes: { put(content: Uint8Array): Promise<string>; get(hash: string): Promise<Uint8Array> }
}

/** The first byte of a JPEG. */
const JPEG = 0xff

/** Makes pictures smaller, each once for its owner and its bounds. */
export function smallPictures({ readings, programs, bytes }: Parts): MediaFiles['smallPicture'] {
  return async (file, bounds, of) => {
    const owner = ownerField(of)
    // a version would stand behind a hyphen, and replace the others: a thumbnail must not
    const name = `small_${bounds.side}_${bounds.bytes}`
    const [known] = (await readings().find(file.file, name, owner)) ?? []
    if (known !== undefined) {
      const data = await bytes.get(known)
      return { type: data[0] === JPEG ? 'image/jpeg' : 'image/png', data }
    }
    const { path, close } = await readings().onDisk(file.file, owner)
    try {
      const small = await smallerPicture(await programs(), { ...file, path }, bounds)
      if (small) await readings().note(file.file, name, [await bytes.put(small.data)], owner)
      return small
    } catch (error) {
      // a decoder that cannot read it leaves it as it is
      if (is(error) && error.terminal) return undefined
      throw error
    } finally {
      await close()
    }
  }
}

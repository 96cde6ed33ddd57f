import { isWeightsType } from '../../lib/media/weights-type.ts'
import type { MediaPrograms } from './programs.ts'
import type { MediaReader } from './reading.ts'

/** The reader of files of this type; undefined: none reads them. A reader is loaded when it is needed. */
export async function mediaReaderOf(type: string, programs: MediaPrograms): Promise<MediaReader | undefined> {
  if (type === PDF) return (await import('./picture/scan.ts')).scanReader(programs)
  if (PICTURES.includes(type)) return (await import('./picture/picture.ts')).pictureReader(programs)
  if (type.startsWith('audio/')) return (await import('./recording.ts')).recordingReader(programs)
  if (type.startsWith('video/')) return (await import('./film.ts')).filmReader(programs)
  return isWeightsType(type) ? (await import('./weights/weights.ts')).weightsReader : undefined
}

/** Whether a reader of media reads files of this type. */
export const isMediaType = (type: string): boolean =>
  PICTURES.includes(type) || /^(?:audio|video)\//.test(type) || isWeightsType(type)

const PDF = 'application/pdf'

const PICTURES: readonly string[] = ['image/png', 'image/jpeg', 'image/webp', 'image/gif', 'image/tiff']

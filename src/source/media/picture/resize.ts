import { readFile } from 'node:fs/promises'
import { orientationOf } from '../../../lib/media/strip-metadata.ts'
import { ffmpegInput, type MediaPrograms } from '../programs.ts'
import type { MediaFile } from '../reading.ts'

/** The bounds of a picture: pixels of its longer side, and bytes. */
export type PictureBounds = { readonly side: number; readonly bytes: number }

/** A picture that was made smaller. */
export type SmallPicture = { readonly type: 'image/png' | 'image/jpeg'; readonly data: Uint8Array }

/** The turns that an orientation of EXIF asks for; a picture that is made anew has none. */
const TURNS: { readonly [orientation: number]: string } = {
  2: 'hflip',
  3: 'hflip,vflip',
  4: 'vflip',
  5: 'transpose=0',
  6: 'transpose=1',
  7: 'transpose=3',
  8: 'transpose=2',
}

/** Ways to write it, the best first. Letters stay sharp in a PNG. */
const WAYS = {
  png: { name: 'small.png', type: 'image/png', options: [] },
  jpeg: { name: 'small.jpg', type: 'image/jpeg', options: ['-q:v', '3'] },
  rough: { name: 'rough.jpg', type: 'image/jpeg', options: ['-q:v', '8'] },
} as const

/** Makes a picture smaller, turned as it is shown. Undefined: no decoder can run here, or it stays large. */
export async function smallerPicture(
  programs: MediaPrograms,
  file: MediaFile,
  { side, bytes }: PictureBounds,
  signal?: AbortSignal,
): Promise<SmallPicture | undefined> {
  if ((await programs.gapOf('ffmpeg')) !== undefined) return undefined
  const turn = file.type === 'image/jpeg' ? TURNS[orientationOf(await readFile(file.path))] : undefined
  const scale = `scale='min(${side},iw)':'min(${side},ih)':force_original_aspect_ratio=decrease`
  const opened = await programs.open(file, signal)
  try {
    for (const { name, type, options } of file.type === 'image/jpeg' ? [WAYS.jpeg, WAYS.rough] : Object.values(WAYS)) {
      const input = ['-noautorotate', ...ffmpegInput(file, opened.path)]
      const filters = ['-vf', [...(turn ? [turn] : []), scale].join(',')]
      const written = await opened.filesOf('ffmpeg', [...input, '-frames:v', '1', ...filters, ...options, name])
      const data = written.get(name)
      if (data && data.length <= bytes) return { type, data }
    }
    return undefined
  } finally {
    await opened.close()
  }
}

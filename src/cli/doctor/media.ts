import type { Config } from '../../config/config.ts'
import { useExtensions } from '../../extension/extensions.ts'
import { installLeaf, leafModule } from '../../lib/package/leaf.ts'
import { programsOf } from '../../runtime/services/files/media-programs.ts'

/** What decodes pictures, recordings and films, and what each is for. */
const PROGRAMS = { ffmpeg: 'films', tesseract: 'text in pictures', pdftoppm: 'pages of a PDF without text' } as const
/** The package that reads headers, and pages. */
const LEAF = '@antiphon/media'

type MediaSettings = Parameters<typeof programsOf>[0] & Partial<Pick<Config, 'use' | 'folder'>>

/** The programs and packages that read media here, and what brings the others, which not everybody needs. */
export async function describeMedia(settings: MediaSettings): Promise<string> {
  const programs = await programsOf(settings)()
  await useExtensions(settings.use ?? [], settings.folder ?? '.')
  const gaps: string[] = []
  const found: string[] = []
  for (const [program, use] of Object.entries(PROGRAMS)) {
    const gap = await programs.gapOf(program as keyof typeof PROGRAMS)
    if (gap === undefined) found.push(`${program} (${use})`)
    else gaps.push(gap)
  }
  if (leafModule(LEAF) !== undefined) found.push(LEAF)
  else gaps.push(`the package ${LEAF} is not installed: ${installLeaf(LEAF)}`)
  const all = found.length === 0 ? 'nothing reads media here' : `read with ${found.join(', ')}`
  // all programs may lack the same sandbox
  return [all, ...new Set(gaps)].join('; ')
}

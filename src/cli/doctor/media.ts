import { installCommand } from '../../lib/manifest.ts'
import { programsOf } from '../../runtime/services/files/media-programs.ts'

/** What decodes pictures, recordings and films, and what each is for. */
const PROGRAMS = { ffmpeg: 'films', tesseract: 'text in pictures', pdftoppm: 'pages of a PDF without text' } as const
/** Packages that read headers. */
const PACKAGES = ['exifr', 'mediabunny'] as const

/**
 * The programs and packages that read media here, and what brings the others. A machine without them is fine: not
 * everybody has such files.
 */
export async function describeMedia(settings: Parameters<typeof programsOf>[0]): Promise<string> {
  const programs = await programsOf(settings)()
  const gaps: string[] = []
  const found: string[] = []
  for (const [program, use] of Object.entries(PROGRAMS)) {
    const gap = await programs.gapOf(program as keyof typeof PROGRAMS)
    if (gap === undefined) found.push(`${program} (${use})`)
    else gaps.push(gap)
  }
  for (const name of PACKAGES) {
    if (isInstalled(name)) found.push(name)
    else gaps.push(`the package ${name} is not installed: ${installCommand(name)}`)
  }
  const all = found.length === 0 ? 'nothing reads media here' : `read with ${found.join(', ')}`
  // all programs may lack the same sandbox
  return [all, ...new Set(gaps)].join('; ')
}

function isInstalled(name: string): boolean {
  try {
    import.meta.resolve(name)
    return true
  } catch {
    return false
  }
}

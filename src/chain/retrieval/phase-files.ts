import { isAbsolute } from 'node:path'
import { is } from '../../errors.ts'
import { wholeCharacters } from '../../lib/clip.ts'
import { present } from '../../lib/json/present.ts'
import type { FileContent } from '../../source/document.ts'
import type { PhaseInput } from '../../thread/protocol/phase-types.ts'
import type { ChainServices, PhaseFile } from '../protocol/phase.ts'

/** Files that a phase gets, and characters of all their texts. */
const MAX_FILES = 20
const MAX_TEXT = 64_000

/** The stored files of a question, as readers give them. A file that cannot be read says why. */
export async function readPhaseFiles(
  { readStored }: Pick<ChainServices, 'readStored'>,
  sources: PhaseInput['sources'],
  signal: AbortSignal,
): Promise<readonly PhaseFile[]> {
  const files: PhaseFile[] = []
  let left = MAX_TEXT
  for (const { stored, ref } of sources) {
    if (!stored || !readStored || files.length === MAX_FILES) continue
    const { owner, ...file } = stored
    const path = isAbsolute(ref) ? ref : undefined
    try {
      const content = await readStored(file, owner, signal)
      const { text, passages, gaps } = bounded(content, left)
      left -= text.length
      files.push({ ...file, text, passages, gaps, ...present({ path }) })
    } catch (error) {
      if (!is(error) || !error.terminal) throw error
      files.push({ ...file, text: '', passages: [], gaps: [error.message], ...present({ path }) })
    }
  }
  return files
}

function bounded(content: FileContent, left: number): Pick<PhaseFile, 'text' | 'passages' | 'gaps'> {
  const text = content.text.slice(0, wholeCharacters(content.text, left))
  const places = content.fragments
  const passages = places ? text.split('\n').map((line, place) => ({ text: line, at: places[place] ?? '' })) : []
  const isCut = text.length < content.text.length
  const gaps = isCut ? [...content.gaps, `only the first ${text.length} characters are here`] : content.gaps
  return { text, passages, gaps }
}

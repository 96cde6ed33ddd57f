import { readFileSync, realpathSync, statSync } from 'node:fs'
import { dirname, resolve } from 'node:path'
import { InvalidError } from '../../../errors.ts'
import { decodeText, isDecoded } from '../../../lib/encoding/encoding.ts'
import { isWithin } from '../../../tool/roots.ts'
import type { ReadInclude } from './expand.ts'

const MAX_INCLUDE_BYTES = 10 * 1024 * 1024

/** Folders beside a pipeline, or in the project, in which a file is found without naming the folder. */
export const INCLUDE_FOLDERS = ['prompts', 'templates', 'includes', 'content']

/**
 * Reads the files that a pipeline includes. A path is looked up beside the including file, then beside the pipeline,
 * then in the project, then in the include folders of both. A file outside the folders of the pipeline and the project
 * is never read, not even through `..` or a link.
 */
export function fileIncludeReader(pipeline: string, project: string): ReadInclude {
  const roots = [dirname(resolve(pipeline)), resolve(project)]
  const inside = (path: string) => roots.some((root) => isWithin(root, path))
  const real = roots.map((root) => realpathSync(root))
  return (path, from) => {
    const bases = [...new Set([...(from === undefined ? [] : [dirname(from)]), ...roots])]
    const candidates = bases.map((base) => resolve(base, path))
    const folders = roots.flatMap((root) => INCLUDE_FOLDERS.map((folder) => resolve(root, folder, path)))
    const found = [...candidates, ...folders].filter(inside).find(isFile)
    if (found === undefined && !candidates.some(inside)) return escapedInclude(path)
    if (found === undefined) return missingInclude(path, candidates)
    const file = realpathSync(found)
    return real.some((root) => isWithin(root, file)) ? readIncludedFile(path, file) : escapedInclude(path)
  }
}

function readIncludedFile(path: string, file: string): ReturnType<ReadInclude> {
  if (statSync(file).size > MAX_INCLUDE_BYTES)
    return { code: 'include_too_large', message: `the included file ${path} is larger than 10 MB` }
  try {
    const bytes = readFileSync(file)
    const read = decodeText(bytes)
    // a guess would become part of the pipeline in silence; a byte order mark is none
    if (isDecoded(read) && (read.hasMark || read.encoding === 'utf-8')) return { file, text: read.text }
    return { file, text: new TextDecoder('utf-8', { fatal: true }).decode(bytes) }
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    const why = code === 'ERR_ENCODING_INVALID_ENCODED_DATA' ? 'is not valid UTF-8' : `cannot be read (${code})`
    return { code: 'include_missing', message: `the included file ${path} ${why}` }
  }
}

function missingInclude(path: string, candidates: readonly string[]): ReturnType<ReadInclude> {
  const hint = `The folders searched are ${candidates.join(', ')}, and ${INCLUDE_FOLDERS.join('/, ')}/ there.`
  return { code: 'include_missing', message: `the included file ${path} does not exist`, hint }
}

function escapedInclude(path: string): ReturnType<ReadInclude> {
  const hint = 'A pipeline can include files from its own folder and from the folder of antiphon.yaml.'
  return { code: 'include_escape', message: `the included file ${path} lies outside the project`, hint }
}

const isFile = (path: string): boolean => statSync(path, { throwIfNoEntry: false })?.isFile() ?? false

/** The text of a pipeline's file in UTF-8, or UTF-16 with a mark. InvalidError file_unreadable with its place. */
export function decodePipeline(bytes: Uint8Array, name: string): string {
  const [first, second] = bytes
  if (first === 0xff && second === 0xfe) return new TextDecoder('utf-16le').decode(bytes)
  if (first === 0xfe && second === 0xff) return new TextDecoder('utf-16be').decode(bytes)
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes)
  } catch {
    throw unreadable(new TextDecoder().decode(bytes), name)
  }
}

/** The decoder replaces invalid bytes by a mark: the first mark is the position of the error. */
function unreadable(marked: string, name: string): InvalidError {
  const lines = marked.slice(0, Math.max(marked.indexOf('\ufffd'), 0)).split('\n')
  const place = { line: lines.length, column: lines.at(-1)!.length + 1 }
  const message = `${name} is not valid UTF-8: line ${place.line} has an invalid character`
  return new InvalidError(message, { code: 'file_unreadable', place, hint: 'Save it as UTF-8.' })
}

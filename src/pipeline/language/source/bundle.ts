import { posix } from 'node:path'
import type { Origin } from '../../plan/messages/run-start.ts'
import type { ReadIncluded } from './expand.ts'
import { FOLDERS, includedFiles } from './files.ts'
import { candidatesFor, type FindPipeline } from './resolve.ts'

/** A pipeline that came as text, with the texts that it may include or run below itself, by their paths from it. */
export type Written = {
  readonly text: string
  /** what to call it in findings */
  readonly name: string
  readonly files?: { readonly [path: string]: string }
  /** it is the one that was uploaded under this name */
  readonly uploaded?: string
}

/** Reads what a pipeline, or the one of them at `own`, includes from what came along, beside the text that names it first; nothing of this machine ever. */
export function includedWritten({ files = {} }: Written, own = ''): ReadIncluded {
  return (path, from = own) => {
    const inFolders = FOLDERS.map((folder) => posix.join(folder, path))
    const file = findAmong(files, [posix.join(posix.dirname(from), path), path, ...inFolders])
    if (file !== undefined) return { file, text: files[file]! }
    const hint = 'a pipeline that comes as text includes only files that come along with it'
    return { code: 'include_missing', message: `there is no file ${path} to include`, hint }
  }
}

/** Finds what a pipeline runs below itself among what came along with it; what did not may be found when it is its turn. */
export function pipelinesWritten(written: Written): FindPipeline {
  return (name) => {
    const file = findPipelineWritten(written, name)
    if (file === undefined) return undefined
    const text = written.files![file]!
    return { text, file, find: pipelinesWritten(written), read: includedWritten(written, file) }
  }
}

/** The path of a pipeline among the texts that came along, named by that or by its id. */
export function findPipelineWritten({ files = {} }: Written, name: string): string | undefined {
  return findAmong(files, candidatesFor(name))
}

type Files = NonNullable<Written['files']>

function findAmong(files: Files, paths: readonly string[]): string | undefined {
  const known = normalized.get(files) ?? new Map(Object.keys(files).map((key) => [posix.normalize(key), key]))
  normalized.set(files, known)
  return paths.flatMap((path) => known.get(posix.normalize(path)) ?? [])[0]
}

// a text asks for its files again and again
const normalized = new WeakMap<Files, ReadonlyMap<string, string>>()

/** The text of a pipeline, what to call it in findings, what paths in it start from (a file, or what came along with it), and what reads those it includes. */
export type PipelineText = {
  readonly text: string
  readonly file: string
  readonly from: From
  readonly includes?: Includes
}

/** Where a pipeline includes from, as data: what came along with it, from the one of that at `own`; or a file and what lies beside it. */
export type Includes = { readonly written: Written; readonly own?: string } | { readonly beside: string }

/** The fields of a run's start that say where its pipeline came from. */
export type From = Pick<Origin, 'source' | 'written'>

/** What reads what it includes. The folder of a file is looked at only where there is something to include: it may be gone. */
export function readerOf(includes: Includes, root: string): ReadIncluded {
  if ('written' in includes) return includedWritten(includes.written, includes.own)
  let read: ReadIncluded | undefined
  return (path, from) => {
    read ??= includedFiles(includes.beside, root)
    return read(path, from)
  }
}

import { readFile } from 'node:fs/promises'
import { posix } from 'node:path'
import { InvalidError } from '../../../errors.ts'
import { isJsonObject } from '../../../kernel/json.ts'
import type { Json } from '../../../kernel/schema.ts'
import type { RunOrigin } from '../../plan/messages/run-start.ts'
import type { ReadInclude } from './expand.ts'
import { decodePipeline, fileIncludeReader, INCLUDE_FOLDERS } from './files.ts'
import { includeFiles } from './include.ts'
import { readYaml } from './read-yaml.ts'
import { type FindPipeline, filePipelineFinder, pipelineCandidates } from './resolve.ts'

/** A pipeline that came as text, with the texts that it may include or run below itself, by their paths from it. */
export type PipelineBundle = {
  readonly text: string
  /** what to call it in findings */
  readonly name: string
  readonly files?: { readonly [path: string]: string }
  /** it is the one that was uploaded under this name */
  readonly uploaded?: string
}

/** Reads what a pipeline, or the one of them at `own`, includes from what came along, beside the text that names it first; nothing of this machine ever. */
export function bundleIncludeReader({ files = {} }: PipelineBundle, own = ''): ReadInclude {
  return (path, from = own) => {
    const inFolders = INCLUDE_FOLDERS.map((folder) => posix.join(folder, path))
    const file = findAmong(files, [posix.join(posix.dirname(from), path), path, ...inFolders])
    if (file !== undefined) return { file, text: files[file]! }
    const hint = 'a pipeline sent as text can include only files sent with it'
    return { code: 'include_missing', message: `the included file ${path} does not exist`, hint }
  }
}

/** Finds what a pipeline runs below itself among what came along with it; what did not may be found when it is its turn. */
export function bundlePipelineFinder(written: PipelineBundle): FindPipeline {
  return (name) => {
    const file = findInBundle(written, name)
    if (file === undefined) return undefined
    const text = written.files![file]!
    return { text, file, find: bundlePipelineFinder(written), read: bundleIncludeReader(written, file) }
  }
}

/** The path of a pipeline among the texts that came along, named by that or by its id. */
export function findInBundle({ files = {} }: PipelineBundle, name: string): string | undefined {
  return findAmong(files, pipelineCandidates(name))
}

type BundledFiles = NonNullable<PipelineBundle['files']>

function findAmong(files: BundledFiles, paths: readonly string[]): string | undefined {
  const known = normalized.get(files) ?? new Map(Object.keys(files).map((key) => [posix.normalize(key), key]))
  normalized.set(files, known)
  return paths.flatMap((path) => known.get(posix.normalize(path)) ?? [])[0]
}

// a text asks for its files again and again
const normalized = new WeakMap<BundledFiles, ReadonlyMap<string, string>>()

/** The text of a pipeline, what to call it in findings, what paths in it start from (a file, or what came along with it), and what reads those it includes. */
export type LocatedPipelineText = {
  readonly text: string
  readonly file: string
  readonly from: PipelineOrigin
  readonly includes?: IncludeSource
}

/** The source of included files, as data: a bundle, read from the pipeline at `own`; or a file and its folder. */
export type IncludeSource = { readonly written: PipelineBundle; readonly own?: string } | { readonly beside: string }

/** The fields of a run's start that say where its pipeline came from. */
export type PipelineOrigin = Pick<RunOrigin, 'source' | 'written'>

/** Reads the files that a pipeline includes. It looks at the folder only when there is something to include: the folder may be gone. */
export function includeReader(includes: IncludeSource, root: string): ReadInclude {
  if ('written' in includes) return bundleIncludeReader(includes.written, includes.own)
  let read: ReadInclude | undefined
  return (path, from) => {
    read ??= fileIncludeReader(includes.beside, root)
    return read(path, from)
  }
}

/** A pipeline as a text, with the texts that it includes or runs below itself, by the names it has for them. */
type CollectedBundle = {
  readonly text: string
  readonly name: string
  readonly files?: { readonly [path: string]: string }
}

/**
 * A pipeline of this machine with all that it needs to run on another: what it includes, and the pipelines that it names in so many words.
 * What is not there is left to the compiler to tell. `name`: what to call it; `project`: where it may include from.
 */
export async function bundlePipeline(path: string, name: string, project: string): Promise<CollectedBundle> {
  const text = decodePipeline(await readFile(path), name)
  const files = new Map<string, string>()
  const { value } = includeFiles(readYaml(text, name), recordingReader(fileIncludeReader(path, project), files))
  collectPipelines(value, filePipelineFinder(path, project), files)
  return { text, name, ...(files.size > 0 && { files: Object.fromEntries(files) }) }
}

/** Reads as `read` does, and keeps each file under the name by which one that came as text is asked for it. */
function recordingReader(read: ReadInclude, files: Map<string, string>): ReadInclude {
  const names = new Map<string, string>()
  return (path, from) => {
    const found = read(path, from)
    if (!('text' in found)) return found
    const name = posix.join(posix.dirname((from && names.get(from)) ?? ''), path)
    addFile(files, name, found.text)
    names.set(found.file, name)
    return found
  }
}

function collectPipelines(value: Json, find: FindPipeline, files: Map<string, string>): void {
  for (const name of namesIn(value)) {
    const found = find(name)
    if (!found || !('text' in found) || !addFile(files, pipelineCandidates(name)[0]!, found.text)) continue
    collectPipelines(readYaml(found.text, found.file).value, found.find, files)
  }
}

const NOT_A_NAME = /\{\{|\{%|<AUTO|\n|^\s*$/

/** The literal pipeline names under `pipeline:` keys. */
function namesIn(value: Json): readonly string[] {
  if (Array.isArray(value)) return value.flatMap(namesIn)
  if (!isJsonObject(value)) return []
  return Object.entries(value).flatMap(([key, item]) => {
    if (key !== 'pipeline' || typeof item !== 'string') return namesIn(item)
    return NOT_A_NAME.test(item.trim()) ? [] : [item.trim()]
  })
}

/** Adds a file. Returns whether it is new. */
function addFile(files: Map<string, string>, name: string, text: string): boolean {
  const kept = files.get(name)
  if (kept !== undefined && kept !== text)
    throw new InvalidError(`Two different files are used under the name ${name}.`, {
      hint: 'Give each file its own name before you send the pipeline to a server.',
    })
  files.set(name, text)
  return kept === undefined
}

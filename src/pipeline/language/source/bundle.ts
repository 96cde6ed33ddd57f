import { posix } from 'node:path'
import { InvalidError } from '../../../errors.ts'
import { isJsonObject, type Json } from '../../../kernel/json.ts'
import { readGivenFile, readPlainFileNow } from '../../../lib/encoding/plain-file.ts'
import type { RunOrigin } from '../../../step/messages/run-origin.ts'
import type { ReadInclude } from './expand.ts'
import { decodePipeline, fileIncludeReader, INCLUDE_FOLDERS } from './files.ts'
import { includeFiles } from './include.ts'
import { readYaml } from './read-yaml.ts'
import { type FindPipeline, filePipelineFinder, pipelineCandidates } from './resolve.ts'

/** A pipeline as text, with the texts that it may include or run as child pipelines, by their relative paths. */
export type PipelineBundle = {
  readonly text: string
  /** its name in findings */
  readonly name: string
  readonly files?: { readonly [path: string]: string }
  /** the name under which it was uploaded */
  readonly uploaded?: string
  /** the program or a user of the machine has uploaded it; absent: it came from the network, or it is old */
  readonly trusted?: true
}

/** Reads included files, or the pipeline at `own`, from the bundle only; never a file of this machine. */
export function bundleIncludeReader({ files = {} }: PipelineBundle, own = ''): ReadInclude {
  return (path, from = own) => {
    const inFolders = INCLUDE_FOLDERS.map((folder) => posix.join(folder, path))
    const file = findAmong(files, [posix.join(posix.dirname(from), path), path, ...inFolders])
    if (file !== undefined) return { file, text: files[file]! }
    const hint = 'A pipeline sent as text can include only files sent with it.'
    return { code: 'include_missing', message: `the included file ${path} does not exist`, hint }
  }
}

/** Finds the child pipelines of a pipeline in its bundle. A missing one may still be found when its step runs. */
export function bundlePipelineFinder(written: PipelineBundle): FindPipeline {
  return (name) => {
    const file = findInBundle(written, name)
    if (file === undefined) return undefined
    const text = written.files![file]!
    return { text, file, find: bundlePipelineFinder(written), read: bundleIncludeReader(written, file) }
  }
}

/** The path of a pipeline in the bundle, found by path or by id. */
export function findInBundle({ files = {} }: PipelineBundle, name: string): string | undefined {
  return findAmong(files, pipelineCandidates(name))
}

type BundledFiles = NonNullable<PipelineBundle['files']>

function findAmong(files: BundledFiles, paths: readonly string[]): string | undefined {
  const known = normalized.get(files) ?? new Map(Object.keys(files).map((key) => [posix.normalize(key), key]))
  normalized.set(files, known)
  return paths.flatMap((path) => known.get(posix.normalize(path)) ?? [])[0]
}

// a text looks up its files again and again
const normalized = new WeakMap<BundledFiles, ReadonlyMap<string, string>>()

/** A pipeline's text, its name in findings, the base of relative paths (a file or bundle), and the reader of files. */
export type LocatedPipelineText = {
  readonly text: string
  readonly file: string
  readonly from: PipelineOrigin
  readonly includes?: IncludeSource
}

/** The source of included files, as data: a bundle, seen from the pipeline at `own`; or a file and its folder. */
type IncludeSource = { readonly written: PipelineBundle; readonly own?: string } | { readonly beside: string }

/** The fields of a run's start that state where its pipeline came from. */
export type PipelineOrigin = Pick<RunOrigin, 'source' | 'written' | 'foreign'>

/** Reads the files that a pipeline includes. Opens the folder only if there are any: it may no longer exist. */
export function includeReader(includes: IncludeSource, root: string): ReadInclude {
  if ('written' in includes) return bundleIncludeReader(includes.written, includes.own)
  let read: ReadInclude | undefined
  return (path, from) => {
    read ??= fileIncludeReader(includes.beside, root)
    return read(path, from)
  }
}

/** A pipeline as text, with the texts that it includes or runs as child pipelines, by the names it uses for them. */
type CollectedBundle = {
  readonly text: string
  readonly name: string
  readonly files?: { readonly [path: string]: string }
}

/**
 * Bundles a pipeline of this machine with everything it needs to run on another: the files that it includes, and the
 * child pipelines that it names literally. Missing files are left for the compiler to report. `name`: its name in
 * findings; `project`: the folder for includes.
 */
export async function bundlePipeline(path: string, name: string, project: string): Promise<CollectedBundle> {
  return bundleText(await readGivenFile(path), path, name, project)
}

/** The same, read at once. */
export function bundlePipelineNow(path: string, name: string, project: string): CollectedBundle {
  return bundleText(readPlainFileNow(path), path, name, project)
}

function bundleText(bytes: Uint8Array, path: string, name: string, project: string): CollectedBundle {
  const text = decodePipeline(bytes, name)
  const files = new Map<string, string>()
  const { value } = includeFiles(readYaml(text, name), recordingReader(fileIncludeReader(path, project), files))
  collectPipelines(value, filePipelineFinder(path, project), files)
  return { text, name, ...(files.size > 0 && { files: Object.fromEntries(files) }) }
}

/** Reads like `read`, and stores each file under the name by which the bundled pipeline asks for it. */
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
  for (const name of pipelineNames(value)) {
    const found = find(name)
    if (!found || !('text' in found) || !addFile(files, pipelineCandidates(name)[0]!, found.text)) continue
    collectPipelines(readYaml(found.text, found.file).value, found.find, files)
  }
}

const NOT_A_NAME = /\{\{|\{%|<AUTO|\n|^\s*$/

/** The literal pipeline names under `pipeline:` keys. */
export function pipelineNames(value: Json): readonly string[] {
  if (Array.isArray(value)) return value.flatMap(pipelineNames)
  if (!isJsonObject(value)) return []
  return Object.entries(value).flatMap(([key, item]) => {
    if (key !== 'pipeline' || typeof item !== 'string') return pipelineNames(item)
    return NOT_A_NAME.test(item.trim()) ? [] : [item.trim()]
  })
}

/** Adds a file. Returns whether it is new. */
function addFile(files: Map<string, string>, name: string, text: string): boolean {
  const known = files.get(name)
  if (known !== undefined && known !== text)
    throw new InvalidError(`Two different files are used under the name ${name}.`, {
      hint: 'Give each file its own name before you send the pipeline to a server.',
    })
  files.set(name, text)
  return known === undefined
}

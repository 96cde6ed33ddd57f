import { readFileSync, statSync } from 'node:fs'
import { dirname, extname, isAbsolute, relative, resolve } from 'node:path'
import { is, problemOf } from '../../../errors.ts'
import type { ReadInclude } from './expand.ts'
import { decodePipeline, fileIncludeReader } from './files.ts'

export const MAX_CHILD_PIPELINE_BYTES = 10 * 1024 * 1024

/** The paths where a pipeline may be found: a path as given, or an id with an extension, also in the usual folders. */
export function pipelineCandidates(name: string): readonly string[] {
  if (isAbsolute(name) || ['.yaml', '.yml'].includes(extname(name))) return [name]
  return ['', 'pipelines/', 'examples/'].flatMap((folder) => [`${folder}${name}.yaml`, `${folder}${name}.yml`])
}

/** The path of a pipeline as messages show it. */
export function displayPath(file: string, root: string): string {
  const short = relative(root, file)
  return short.startsWith('..') ? file : short
}

export function pipelineNotFound(
  name: string,
  bases: readonly string[],
): { readonly message: string; readonly hint: string } {
  return { message: `there is no pipeline ${name}`, hint: `The folders searched are ${bases.join(' and ')}.` }
}

function decodeOrExplain(file: string, shown: string): string | { readonly message: string } {
  try {
    return decodePipeline(readFileSync(file), shown)
  } catch (error) {
    if (is(error, 'InvalidError')) return { message: problemOf(error).message }
    throw error
  }
}

/** Finds a child pipeline as steps would: beside the parent's file, then in the project. */
export function filePipelineFinder(pipeline: string, project: string): FindPipeline {
  const bases = [...new Set([dirname(resolve(pipeline)), resolve(project)])]
  return (name) => {
    const all = bases.flatMap((base) => pipelineCandidates(name).map((path) => resolve(base, path)))
    const file = all.find((path) => statSync(path, { throwIfNoEntry: false })?.isFile())
    if (file === undefined) return pipelineNotFound(name, bases)
    if (statSync(file).size > MAX_CHILD_PIPELINE_BYTES) return { message: `${name} is larger than 10 MiB` }
    const shown = displayPath(file, resolve(project))
    const text = decodeOrExplain(file, shown)
    if (typeof text !== 'string') return text
    return { text, file: shown, find: filePipelineFinder(file, project), read: fileIncludeReader(file, project) }
  }
}

/**
 * A child pipeline: its text, its name in messages, a finder for its own child pipelines, and a reader for its included
 * files; or the reason why it is not a pipeline; undefined: not known yet.
 */
export type FindPipeline = (
  name: string,
) => FoundPipeline | { readonly message: string; readonly hint?: string } | undefined

export type FoundPipeline = {
  readonly text: string
  readonly file: string
  readonly find: FindPipeline
  readonly read?: ReadInclude | undefined
}

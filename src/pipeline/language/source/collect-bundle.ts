import { readFile } from 'node:fs/promises'
import { posix } from 'node:path'
import { InvalidError } from '../../../errors.ts'
import { isMap } from '../../../kernel/json.ts'
import type { Json } from '../../../kernel/schema.ts'
import { decodePipeline } from './decode.ts'
import type { ReadIncluded } from './expand.ts'
import { includedFiles } from './files.ts'
import { includeFiles } from './include.ts'
import { readYaml } from './read-yaml.ts'
import { candidatesFor, type FindPipeline, pipelinesBeside } from './resolve.ts'

/** A pipeline as a text, with the texts that it includes or runs below itself, by the names it has for them. */
export type TakenAlong = {
  readonly text: string
  readonly name: string
  readonly files?: { readonly [path: string]: string }
}

/**
 * A pipeline of this machine with all that it needs to run on another: what it includes, and the pipelines that it names in so many words.
 * What is not there is left to the compiler to tell. `name`: what to call it; `project`: where it may include from.
 */
export async function takeAlong(path: string, name: string, project: string): Promise<TakenAlong> {
  const text = decodePipeline(await readFile(path), name)
  const files = new Map<string, string>()
  const { value } = includeFiles(readYaml(text, name), remembering(includedFiles(path, project), files))
  takePipelines(value, pipelinesBeside(path, project), files)
  return { text, name, ...(files.size > 0 && { files: Object.fromEntries(files) }) }
}

/** Reads as `read` does, and keeps each file under the name by which one that came as text is asked for it. */
function remembering(read: ReadIncluded, files: Map<string, string>): ReadIncluded {
  const names = new Map<string, string>()
  return (path, from) => {
    const found = read(path, from)
    if (!('text' in found)) return found
    const name = posix.join(posix.dirname((from && names.get(from)) ?? ''), path)
    keep(files, name, found.text)
    names.set(found.file, name)
    return found
  }
}

function takePipelines(value: Json, find: FindPipeline, files: Map<string, string>): void {
  for (const name of namesIn(value)) {
    const found = find(name)
    if (!found || !('text' in found) || !keep(files, candidatesFor(name)[0]!, found.text)) continue
    takePipelines(readYaml(found.text, found.file).value, found.find, files)
  }
}

const TEMPLATE = /\{\{|\{%|<AUTO|\n|^\s*$/

/** What stands under `pipeline:` anywhere, as a name. */
function namesIn(value: Json): readonly string[] {
  if (Array.isArray(value)) return value.flatMap(namesIn)
  if (!isMap(value)) return []
  return Object.entries(value).flatMap(([key, item]) => {
    if (key !== 'pipeline' || typeof item !== 'string') return namesIn(item)
    return TEMPLATE.test(item.trim()) ? [] : [item.trim()]
  })
}

/** Whether it was not there yet. */
function keep(files: Map<string, string>, name: string, text: string): boolean {
  const kept = files.get(name)
  if (kept !== undefined && kept !== text)
    throw new InvalidError(`Two files are called ${name} where they are used.`, {
      hint: 'A pipeline that is sent to a server names each file by a name of its own.',
    })
  files.set(name, text)
  return kept === undefined
}

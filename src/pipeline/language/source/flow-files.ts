import { dirname, resolve } from 'node:path'
import { readPlainFileNow } from '../../../lib/encoding/plain-file.ts'
import { realIfThere } from '../../../lib/encoding/real-path.ts'
import { pipelineNames } from './bundle.ts'
import { decodePipeline, fileIncludeReader, INCLUDE_FOLDERS } from './files.ts'
import { includeFiles } from './include.ts'
import { readYaml } from './read-yaml.ts'
import { pipelineCandidates } from './resolve.ts'

/** The files of pipelines, with all places from which they may include a file or run a child pipeline. */
export function flowFiles(files: readonly string[], project: string): readonly string[] {
  const found = new Set<string>()
  const queue = [...files]
  for (let file = queue.shift(); file !== undefined; file = queue.shift()) {
    if (found.has(file)) continue
    for (const one of [file, realIfThere(file)]) found.add(one)
    const { places, pipelines } = readsOf(realIfThere(file), project)
    for (const place of places) for (const one of [place, realIfThere(place)]) found.add(one)
    queue.push(...pipelines)
  }
  return [...found]
}

function readsOf(
  file: string,
  project: string,
): { readonly places: readonly string[]; readonly pipelines: readonly string[] } {
  const places: string[] = []
  try {
    const read = fileIncludeReader(file, project)
    const source = readYaml(decodePipeline(readPlainFileNow(file), file), file)
    const { value } = includeFiles(source, (path, from) => {
      const bases = [...(from === undefined ? [] : [dirname(from)]), dirname(file), project]
      const folders = bases.flatMap((base) => INCLUDE_FOLDERS.map((folder) => resolve(base, folder, path)))
      places.push(...bases.map((base) => resolve(base, path)), ...folders)
      return read(path, from)
    })
    const names = pipelineNames(value).flatMap(pipelineCandidates)
    return { places, pipelines: names.flatMap((name) => [resolve(dirname(file), name), resolve(project, name)]) }
  } catch {
    // a file that is missing or wrong names nothing yet, and the compiler says so
    return { places, pipelines: [] }
  }
}

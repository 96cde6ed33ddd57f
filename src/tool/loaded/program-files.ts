import { statSync } from 'node:fs'
import { dirname, resolve } from 'node:path'
import { realIfThere } from '../../lib/encoding/real-path.ts'
import type { McpSettings } from '../mcp/settings.ts'
import { type ImportBounds, importedFiles, isOuter } from './imported-files.ts'

/** The files of the programs of MCP servers, as far as command lines, variables and sources name them. */
export function programFiles(servers: McpSettings | undefined, bounds: ImportBounds): readonly string[] {
  return Object.values(servers ?? {}).flatMap((server) => {
    if (server.type !== 'stdio') return []
    const { command, args, env, cwd } = server
    const folder = realIfThere(cwd)
    const words = [command, ...args, ...Object.values(env)].flatMap(wordsIn)
    const files = [...new Set(words.flatMap((word) => programsAt(resolve(folder, word))))]
    const modules = args.flatMap((arg, index) => (args[index - 1] === '-m' ? moduleFiles(folder, arg) : []))
    return [
      ...workingFolder(folder, server, bounds),
      ...modules,
      ...importedFiles(files, { ...bounds, bases: [folder] }),
    ]
  })
}

/** The working folder, or its code where the server writes there. Nothing if the project or its roots lie in it. */
function workingFolder(
  folder: string,
  { write }: { readonly write: boolean },
  bounds: ImportBounds,
): readonly string[] {
  if (isOuter(folder, bounds)) return []
  return [write ? `${folder}/*` : folder]
}

/** A command line may be one argument of a shell, and an option may carry a path. */
const wordsIn = (text: string) => text.split(/[\s'"=,;:|&()]+/).filter((word) => word !== '' && word.length < 4096)

const LOOKS_RUN = /\.(?:[cm]?[jt]sx?|py|sh|rb|pl|php|lua|exe|jar|wasm)$/

function programsAt(path: string): readonly string[] {
  const found = statSync(path, { throwIfNoEntry: false })
  return found?.isFile() || (!found && LOOKS_RUN.test(path)) ? [path] : []
}

/** A module of Python in the working folder. */
function moduleFiles(folder: string, name: string): readonly string[] {
  const path = resolve(folder, name.replaceAll('.', '/'))
  return [path, `${path}.py`, ...(dirname(path) === folder ? [`${folder}/*`] : [dirname(path)])]
}

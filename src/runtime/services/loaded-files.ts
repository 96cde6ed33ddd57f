import { dirname, join, resolve } from 'node:path'
import { readFrontMatter } from '../../agent/definition/front-matter.ts'
import { AGENT_FOLDERS, isAgentFile } from '../../agent/room/files/agent-files.ts'
import { filesOfDomains } from '../../chain/domains/read-domains.ts'
import type { Config } from '../../config/config.ts'
import { mcpServing } from '../../config/mcp-serving.ts'
import { readPlainFileNow } from '../../lib/encoding/plain-file.ts'
import { realIfThere } from '../../lib/encoding/real-path.ts'
import { attempt } from '../../lib/flow/attempt.ts'
import { namesIn } from '../../lib/nearest-file.ts'
import { flowFiles } from '../../pipeline/language/source/flow-files.ts'
import { importedFiles } from '../../tool/loaded/imported-files.ts'
import { modulesOf, ownFiles } from '../../tool/loaded/own-files.ts'
import { programFiles } from '../../tool/loaded/program-files.ts'

/** The files that calls of models and of untrusted callers may not touch (`closed`) or may not change (`fixed`). */
type LoadedFiles = {
  files(): { readonly closed: readonly string[]; readonly fixed: readonly string[] }
  /** Closes more files to changes: a goal follows them. */
  add(paths: readonly string[]): void
}

/** The minimum ms between two reads of a project's files, and the least pause as a multiple of the time of a read. */
const FRESH_MS = 1000
const LOOK_SHARE = 50

/** All that antiphon and its MCP servers load and run. The project is read again when some time has passed. */
export function loadedFiles(config: Config, now: () => number = () => performance.now()): LoadedFiles {
  const closed = ownFiles(config)
  const added = new Set<string>()
  let fixed: readonly string[] = []
  let freshUntil = Number.NEGATIVE_INFINITY
  return {
    files() {
      const begin = now()
      if (begin > freshUntil) {
        fixed = [...new Set(fixedFiles(config, [...added]))]
        const end = now()
        freshUntil = end + Math.max(FRESH_MS, (end - begin) * LOOK_SHARE)
      }
      return { closed, fixed }
    },
    add(paths) {
      for (const path of paths) added.add(path)
      freshUntil = Number.NEGATIVE_INFINITY
    },
  }
}

function fixedFiles(config: Config, added: readonly string[]): readonly string[] {
  const { folder, roots, writes = [], mcpServers, data } = config
  const outer = [folder, ...roots, ...writes, data].map(realIfThere)
  const bounds = { outer, bases: [realIfThere(folder)] }
  const flows = [...added, ...playbooksIn(folder), ...mcpServing(config).pipelines]
  return [
    ...importedFiles([...modulesOf(config), ...mainProgram()], bounds),
    ...programFiles(mcpServers, bounds),
    ...flowFiles(flows, folder),
    ...filesOfDomains(config).flatMap((path) => [path, realIfThere(path)]),
    ...new Set([folder, ...roots].map(realIfThere).flatMap(hookFolders)),
  ]
}

/** The program that this process runs, unless that is antiphon itself or a package. */
function mainProgram(): readonly string[] {
  const [, program] = process.argv
  if (program === undefined) return []
  const real = realIfThere(program)
  return real.startsWith(OWN_PACKAGE) ? [] : [real]
}

const OWN_PACKAGE = realIfThere(resolve(import.meta.dirname, '../../..'))

/** The files that the agents of a project name as their playbooks. */
function playbooksIn(folder: string): readonly string[] {
  return AGENT_FOLDERS.flatMap(([inside, ending]) =>
    namesIn(join(folder, inside))
      .filter((name) => isAgentFile(name, ending))
      .flatMap((name) => playbookOf(join(folder, inside, name)))
      .map((path) => resolve(folder, path)),
  )
}

function playbookOf(file: string): readonly string[] {
  const text = textOf(file)
  const front = text === undefined ? undefined : readFrontMatter(text, file)
  const head = front && 'head' in front ? Object.entries(front.head) : []
  return head.flatMap(([key, path]) => (/^play.?book$/i.test(key) && typeof path === 'string' ? [path] : []))
}

/** The folder of hooks that the repository of a folder names. `.git` itself is closed by its name. */
function hookFolders(folder: string): readonly string[] {
  const config = textOf(join(folder, '.git/config'))
  const [, hooks] = /^[ \t]*hooksPath\s*=\s*"?([^"\n;#]+)"?/im.exec(config ?? '') ?? []
  if (hooks !== undefined) return [resolve(folder, hooks.trim())]
  return dirname(folder) === folder ? [] : hookFolders(dirname(folder))
}

const textOf = (file: string): string | undefined => attempt(() => readPlainFileNow(file).toString('utf8'))

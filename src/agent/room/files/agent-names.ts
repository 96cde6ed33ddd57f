import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { readPlainFileNow } from '../../../lib/encoding/plain-file.ts'
import { attempt } from '../../../lib/flow/attempt.ts'
import { agentName } from '../../definition/agent-name.ts'
import { readFrontMatter } from '../../definition/front-matter.ts'
import { AGENT_FOLDERS, isAgentFile, nameOfFile } from './agent-files.ts'
import { MAX_BYTES } from './read-text.ts'

/** The names by which a project's agents can be asked, read synchronously: the compiler needs them for steps. */
export function agentNames(folder: string): readonly string[] {
  const names = AGENT_FOLDERS.flatMap(([inside, ending]) =>
    namesIn(join(folder, inside))
      .filter((name) => isAgentFile(name, ending))
      .flatMap((name) => [nameOfFile(name), ...nameInFile(join(folder, inside, name))]),
  )
  return [...new Set(names)]
}

// a folder or a file that cannot be read has no agents
const namesIn = (folder: string): readonly string[] => attempt(() => readdirSync(folder), []).toSorted()

function nameInFile(path: string): readonly string[] {
  const text = attempt(() => String(readPlainFileNow(path, MAX_BYTES)))
  const front = text === undefined ? undefined : readFrontMatter(text, path)
  const name = front && 'head' in front ? front.head.name : undefined
  return typeof name === 'string' ? [agentName(name.trim(), nameOfFile(path))] : []
}

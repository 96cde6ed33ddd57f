import { readFile } from 'node:fs/promises'
import { basename, join, resolve } from 'node:path'
import type { AgentDefinition } from '../../agent/definition/definition.ts'
import { parseAgent } from '../../agent/definition/parse.ts'
import { NotFoundError } from '../../errors.ts'
import type { Models } from '../../model/models.ts'
import type { Toolbox } from '../../tool/toolbox.ts'

/** The surroundings of an agent's file: the project folder, and what its names may mean. */
export type AgentProject = {
  readonly folder: string
  readonly toolbox: Toolbox
  readonly models: Pick<Models, 'find'>
}

/** Where the file of an agent may lie, in this order. */
const FILES: readonly ((name: string) => string)[] = [
  (name) => `agents/${name}.md`,
  (name) => `.claude/agents/${name}.md`,
  (name) => `.github/agents/${name}.agent.md`,
]

/**
 * Reads an agent by its name or by the path of its file.
 * @throws NotFoundError when there is no such agent, InvalidError `invalid_agent` when its file is wrong
 */
export async function readAgent(nameOrFile: string, { folder, models }: AgentProject): Promise<AgentDefinition> {
  const files = /[/\\]|\.md$/.test(nameOrFile) ? [nameOrFile] : FILES.map((fileOf) => fileOf(nameOrFile))
  for (const file of files) {
    const text = await readIfThere(resolve(folder, file))
    if (text === undefined) continue
    const project = await readIfThere(join(folder, 'AGENTS.md'))
    const name = basename(file).replace(/(\.agent)?\.md$/, '')
    const knowsModel = (model: string) => models.find(model) !== undefined
    return parseAgent(text, { name, file, knowsModel, ...(project !== undefined && { project }) })
  }
  throw new NotFoundError(`There is no agent ${nameOrFile}.`, { hint: `Expected one of: ${files.join(', ')}` })
}

async function readIfThere(path: string): Promise<string | undefined> {
  try {
    return await readFile(path, 'utf8')
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined
    throw error
  }
}

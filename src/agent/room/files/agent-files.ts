import { basename, isAbsolute, join, relative, resolve } from 'node:path'
import { InvalidError, NotFoundError } from '../../../errors.ts'
import { nearestWord } from '../../../lib/suggest.ts'
import { agentName } from '../../definition/agent-name.ts'
import type { KnownAgent } from '../../definition/agents-to-ask.ts'
import { readFrontMatter } from '../../definition/front-matter.ts'
import { isManual } from '../../definition/keys.ts'
import { namesIn, readIfThere } from './read-text.ts'

/** An agent of a project. Without a description: its file is wrong, or of another product. */
type ListedAgent = KnownAgent & {
  /** relative to the project */
  readonly file: string
}

/** Folders with agents, and the ending of their files, in the order of a search. */
export const AGENT_FOLDERS: readonly (readonly [folder: string, ending: string])[] = [
  ['agents', '.md'],
  ['.claude/agents', '.md'],
  ['.github/agents', '.md'],
  ['.github/chatmodes', '.chatmode.md'],
]

/** Files for people and for all agents. */
const NO_AGENTS: readonly string[] = ['README.md', 'AGENTS.md', 'CLAUDE.md']

export const isAgentFile = (name: string, ending: string): boolean => name.endsWith(ending) && !NO_AGENTS.includes(name)

/** The files of the agents of a project, relative to it, in the order of a search. */
export async function agentFiles(folder: string): Promise<readonly string[]> {
  const lists = AGENT_FOLDERS.map(async ([inside, ending]) =>
    (await namesIn(join(folder, inside)))
      .filter((name) => isAgentFile(name, ending))
      .map((name) => `${inside}/${name}`),
  )
  return (await Promise.all(lists)).flat()
}

/** The agents of a project. If several have the same name, the first match wins. */
export async function listAgents(folder: string): Promise<readonly ListedAgent[]> {
  const found = new Map<string, ListedAgent>()
  for (const file of await agentFiles(folder)) {
    const listed = await listedAgent(folder, file)
    if (!found.has(listed.name)) found.set(listed.name, listed)
  }
  return [...found.values()]
}

/** The name that a file gives to its agent unless it says another. */
export const nameOfFile = (file: string): string => basename(file).replace(/(\.agent|\.chatmode)?\.md$/, '')

/**
 * The file of an agent, relative to the project, by the path of the
 * file, the name of the file, or the name that it says. `others`: agents without a file, which a hint may name.
 * @throws NotFoundError when there is no such agent, InvalidError when the file lies outside of the project
 */
export async function findAgentFile(
  nameOrFile: string,
  folder: string,
  others: () => Promise<readonly KnownAgent[]> = async () => [],
): Promise<string> {
  const isPath = /[/\\]|\.md$/.test(nameOrFile)
  if (isPath) return pathInProject(nameOrFile, folder)
  const files = await agentFiles(folder)
  const found = files.find((file) => nameOfFile(file) === nameOrFile)
  if (found !== undefined) return found
  const agents = await listAgents(folder)
  const listed = agents.find(({ name }) => name === nameOrFile)
  if (listed) return listed.file
  throw noAgent(
    nameOrFile,
    [...agents, ...(await others())].map(({ name }) => name),
  )
}

function noAgent(name: string, known: readonly string[]): NotFoundError {
  const near = nearestWord(name, known)
  const all = known.length === 0 ? `Expected a file agents/${name}.md.` : `Agents: ${listOf(known)}.`
  return new NotFoundError(`There is no agent ${name}.`, {
    hint: near === undefined ? all : `Did you mean ${near}? ${all}`,
  })
}

/** Agents that a message lists. */
const MAX_LISTED = 20

function listOf(names: readonly string[]): string {
  const shown = names.slice(0, MAX_LISTED).join(', ')
  return names.length > MAX_LISTED ? `${shown} and ${names.length - MAX_LISTED} more` : shown
}

function pathInProject(path: string, folder: string): string {
  const inside = relative(folder, resolve(folder, path))
  if (isAbsolute(inside) || inside.split(/[/\\]/)[0] === '..')
    throw new InvalidError('The file of an agent lies in the folder of its project.', {
      code: 'invalid_agent',
      place: { file: path },
      hint: 'Copy it to the folder agents.',
    })
  return inside
}

async function listedAgent(folder: string, file: string): Promise<ListedAgent> {
  const read = await readIfThere(join(folder, file))
  const front = read && 'text' in read ? readFrontMatter(read.text, file) : undefined
  const head = front && 'head' in front ? front.head : {}
  const { description } = head
  const given = typeof head.name === 'string' ? head.name.trim() : undefined
  const name = agentName(given, nameOfFile(file))
  const title = given ?? nameOfFile(file)
  return {
    name,
    ...(typeof description === 'string' && { description }),
    ...(title !== name && { title }),
    ...(isManual(head) && { isManual: true }),
    file,
  }
}

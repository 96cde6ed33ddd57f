import { statSync } from 'node:fs'
import { join, relative, resolve } from 'node:path'
import { NotFoundError } from '../../../errors.ts'
import { showOnOneLine } from '../../../lib/unseen.ts'
import type { Models } from '../../../model/models.ts'
import type { Toolbox } from '../../../tool/toolbox.ts'
import { checkToolOffers } from '../../context/check-offers.ts'
import type { KnownAgent } from '../../definition/agents-to-ask.ts'
import type { AgentDefinition } from '../../definition/definition.ts'
import { type AgentFinding, toInvalidAgent } from '../../definition/finding.ts'
import { type ParsedAgent, parseAgent } from '../../definition/parse.ts'
import { findAgentFile, listAgents, nameOfFile } from './agent-files.ts'
import { faultOf, readSkills, textOf } from './read-skills.ts'
import { readIfThere } from './read-text.ts'

/** The surroundings of an agent's file: the project folder, and what its names may mean. */
export type AgentProject = {
  readonly folder: string
  readonly toolbox: Toolbox
  readonly models: Pick<Models, 'find' | 'lackOf'>
  /** Gets the warnings about a usable file, a line each. */
  readonly notice?: ((line: string) => void) | undefined
  /** the agents of the program that opened the runtime; absent: none */
  readonly inCode?: readonly KnownAgent[]
  /** Further agents that a file may name, but not by `*`; absent: none. */
  others?(): Promise<readonly KnownAgent[]>
}

/** An agent as its file defines it (absent after an error), and all findings. `file` is relative to the project. */
export type CheckedAgent = ParsedAgent & { readonly file: string }

/**
 * Reads an agent by its name or by the path of its file.
 * @throws NotFoundError when there is no such agent, InvalidError `invalid_agent` when its file is wrong
 */
export async function readAgent(nameOrFile: string, project: AgentProject): Promise<AgentDefinition> {
  const { definition, findings } = await checkAgent(nameOrFile, project)
  const error = toInvalidAgent(findings)
  if (error) throw error
  for (const finding of findings) project.notice?.(lineOf(finding))
  return definition!
}

/** A function that passes each line on once. */
export function noticeOnce(notice: (line: string) => void = warn): (line: string) => void {
  const said = new Set<string>()
  return (line) => {
    if (said.has(line)) return
    said.add(line)
    notice(line)
  }
}

const warn = (line: string) => process.emitWarning(showOnOneLine(line), { code: 'ANTIPHON_AGENT' })

/** A finding on one line. `of`: what it was found in, if not in a file. */
export function lineOf({ file, line, column, severity, message, hint }: AgentFinding, of = file): string {
  const place = [of, line, column].filter((part) => part !== undefined).join(':')
  return `${place}: ${severity}: ${message}${hint === undefined ? '' : `. ${hint}`}`
}

/**
 * Reads an agent by its name or by the path of its file, and tells all that was found in the file.
 * @throws NotFoundError when there is no such agent
 */
export async function checkAgent(nameOrFile: string, project: AgentProject): Promise<CheckedAgent> {
  const { folder, toolbox, models, inCode = [], others } = project
  const file = await findAgentFile(nameOrFile, folder, async () => [...inCode, ...((await others?.()) ?? [])])
  const read = await readIfThere(join(folder, file))
  if (!read) throw new NotFoundError(`There is no file ${file}.`)
  const fault = faultOf(read, file)
  if (fault) return { file, findings: [fault] }
  const [shared, skills, agents, more = []] = await Promise.all([
    readIfThere(join(folder, 'AGENTS.md')),
    readSkills(folder),
    listAgents(folder),
    /^agents\s*:/m.test(textOf(read)) ? others?.() : undefined,
  ])
  const parsed = parseAgent(textOf(read), {
    name: nameOfFile(file),
    file,
    toolbox,
    skills,
    agents: [...agents, ...inCode, ...more],
    ...(shared && 'text' in shared && { project: shared.text }),
    lackOfModel: models.lackOf,
    hasFile: (path) => hasFile(folder, path),
  })
  const ofProject = shared && faultOf(shared, 'AGENTS.md')
  if (ofProject) return withFault(file, parsed, ofProject)
  const refused = parsed.definition && checkToolOffers(parsed.definition, toolbox, file).find(isError)
  return refused ? withFault(file, parsed, refused) : { file, ...parsed }
}

const isError = ({ severity }: AgentFinding) => severity === 'error'

function withFault(file: string, { findings }: ParsedAgent, fault: AgentFinding): CheckedAgent {
  return { file, findings: [...findings, fault] }
}

export function hasFile(folder: string, path: string): boolean {
  const isInside = relative(folder, resolve(folder, path)).split(/[/\\]/)[0] !== '..'
  return isInside && (statSync(resolve(folder, path), { throwIfNoEntry: false })?.isFile() ?? false)
}

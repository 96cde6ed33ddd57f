import type { Engine } from '../../../engine/engine.ts'
import { InvalidError } from '../../../errors.ts'
import type { Json } from '../../../kernel/json.ts'
import { LOCAL_OWNER } from '../../../lib/owner.ts'
import type { Blobs } from '../../../store/blobs/blobs.ts'
import type { ApprovalPolicy } from '../../../tool/tool-request.ts'
import type { Admit } from '../../../work/activity.ts'
import { openShelf, type VersionsSummary } from '../../../work/version-shelf.ts'
import { bindTools } from '../../context/bound-tools.ts'
import { confineForeign, type ForeignLimits } from '../../context/check-foreign.ts'
import { AGENT_DEFINITION, type AgentData, agentFromData } from '../../definition/agent-data.ts'
import { isAgentName } from '../../definition/agent-name.ts'
import type { Agent } from '../../definition/agent-value.ts'
import type { KnownAgent } from '../../definition/agents-to-ask.ts'
import type { AgentDefinition } from '../../definition/definition.ts'
import { agentTaken, type Narrow, type ProjectAgents } from './code-agents.ts'
import type { AgentsPort } from './port.ts'

type Parts = {
  readonly engine: Engine
  readonly values: Blobs
  readonly admit: Admit
  /** the keys of antiphon.yaml that bound agents of run time */
  readonly config: {
    readonly agents?: ForeignLimits & { readonly count?: number }
    readonly tools?: { readonly approve?: ApprovalPolicy }
    readonly serve?: { readonly tools: readonly string[] }
  }
  /** the agents of the program and of files, which come first */
  readonly agents: ProjectAgents
}

/**
 * Reads an agent for a goal of an owner (absent: `local`): by its name, by the path of its file, or as a value. Agents
 * of the program come first, then files, then agents of run time. Its tools of a program are bound. Without the text of
 * a goal, instructions that are a function are not run.
 */
export type ReadAgent = (
  agent: string | Agent | AgentDefinition,
  goal: string | undefined,
  about?: { readonly owner?: string; readonly context?: Json | undefined },
) => Promise<AgentDefinition>

/** The stored form of an agent of run time. */
type StoredAgent = { readonly definition: AgentData; readonly untrusted?: true }

/** Agents of one owner, where antiphon.yaml sets no other number. */
const DEFAULT_COUNT = 100

/** Opens the agents that are put at run time: each is an actor that holds the hashes of its versions. */
export function openStoredAgents({ engine, values, admit, config, agents }: Parts): {
  readonly port: AgentsPort
  readonly readAgent: ReadAgent
  /** The names of agents without a file that an owner may ask. */
  names(owner: string): Promise<readonly string[]>
} {
  const shelf = openShelf(engine, AGENT_DEFINITION, 'agent')
  const { toolbox } = agents
  const { count = DEFAULT_COUNT, ...limits } = config.agents ?? {}

  const confine: Narrow = (definition, report) =>
    confineForeign(
      definition,
      { toolbox, limits, openTools: config.serve?.tools ?? [], approve: config.tools?.approve ?? 'default' },
      report,
    )

  /** The agents of an owner that others may name: no agent of the program or of a file has their name. */
  async function knownOf(owner: string): Promise<readonly KnownAgent[]> {
    const known: KnownAgent[] = []
    for (const { name, about } of await shelf.list({ owner, limit: count }))
      if ((await agents.holderOf(name)) === undefined)
        known.push({ name, ...(about !== undefined && { description: about }), isManual: true })
    return known
  }

  async function define(name: string, { definition, untrusted }: StoredAgent, owner: string) {
    const agent = agentFromData(name, definition)
    const others = definition.agents === undefined ? [] : await knownOf(owner)
    return agents.define(agent, others, untrusted ? confine : (one) => one)
  }

  /** The stored agent that a name means for an owner; undefined: an agent of the program or of a file, or none. */
  async function findStored(name: string, owner: string): Promise<StoredAgent | undefined> {
    const hash = isAgentName(name) ? await shelf.find(name, owner) : undefined
    if (hash === undefined || (await agents.holderOf(name)) !== undefined) return undefined
    return (await values.get(hash)) as StoredAgent
  }

  const readAgent: ReadAgent = async (agent, goal, { owner = LOCAL_OWNER, context } = {}) => {
    const stored = typeof agent === 'string' ? await findStored(agent, owner) : undefined
    if (stored) return bindTools((await define(agent as string, stored, owner)).definition, toolbox)
    return bindTools(await agents.read(agent, goal, () => knownOf(owner), { owner, context }), toolbox)
  }

  const port: AgentsPort = {
    async put(name, definition, { owner = LOCAL_OWNER, trusted = true } = {}) {
      checkName(name)
      const holder = await agents.holderOf(name)
      if (holder !== undefined) throw agentTaken(name, `this one, and ${holder}`)
      const stored: StoredAgent = { definition, ...(!trusted && { untrusted: true as const }) }
      const { findings } = await define(name, stored, owner)
      if ((await shelf.find(name, owner)) === undefined && (await shelf.list({ owner, limit: count })).length >= count)
        throw tooMany(owner, count)
      await admit(owner)
      const hash = await values.put(toJson(stored))
      const isNew = await shelf.put(name, owner, hash, definition.description)
      return { name, hash, isNew, findings: findings.map(({ file: _, line: __, column: ___, ...one }) => one) }
    },
    list: async (query = {}) => (await shelf.list(query)).map(summaryOf),
    async get(name, { owner = LOCAL_OWNER, version } = {}) {
      const found = await shelf.read(name, owner, version)
      const { definition, untrusted } = (await values.get(found.hash)) as StoredAgent
      const { description } = definition
      return {
        name,
        owner,
        ...found,
        ...(description !== undefined && { description }),
        ...(untrusted && { untrusted }),
        definition: definition as { readonly [key: string]: Json },
      }
    },
    remove: (name, { owner = LOCAL_OWNER } = {}) => shelf.remove(name, owner),
  }
  const names = async (owner: string) => [...agents.inCode, ...(await knownOf(owner)).map(({ name }) => name)]
  return { port, readAgent, names }
}

const summaryOf = ({ about, ...summary }: VersionsSummary) => ({
  ...summary,
  ...(about !== undefined && { description: about }),
})

/** The value as JSON has it: without fields that are undefined. */
const toJson = (value: object): Json => JSON.parse(JSON.stringify(value)) as Json

function checkName(name: string): void {
  if (isAgentName(name)) return
  throw new InvalidError(`${JSON.stringify(name.slice(0, 120))} is not a valid name of an agent.`, {
    code: 'invalid_agent',
    place: { path: 'name' },
    hint: 'Use up to 64 lower-case letters, digits and `-`.',
  })
}

function tooMany(owner: string, count: number): InvalidError {
  return new InvalidError(`The owner ${owner} has ${count} agents, which is the limit.`, {
    code: 'too_many_agents',
    hint: 'Remove one of them, or raise `agents: { count }` in antiphon.yaml.',
  })
}

import { hash } from 'node:crypto'
import { join } from 'node:path'
import type { StandardSchemaV1 } from '@standard-schema/spec'
import { InvalidError, problemOf } from '../../../errors.ts'
import type { Json } from '../../../kernel/json.ts'
import { inTime } from '../../../lib/time/in-time.ts'
import { hashOfInput, isCodeTool } from '../../../tool/plugin/code-tool.ts'
import { toJsonSchema } from '../../../tool/schema.ts'
import type { Tool } from '../../../tool/tool.ts'
import { type Toolbox, toolsNamed } from '../../../tool/toolbox.ts'
import { checkContext, invalidContext } from '../../../work/origin/call-for.ts'
import { namesOf, placeOfAgent } from '../../../work/rules/house-rules.ts'
import { checkToolOffers } from '../../context/check-offers.ts'
import { type Agent, type GoalFor, isAgent, partsOfAgent } from '../../definition/agent-value.ts'
import type { KnownAgent } from '../../definition/agents-to-ask.ts'
import { instructionsFault } from '../../definition/define-agent.ts'
import type { AgentDefinition } from '../../definition/definition.ts'
import type { AgentFields } from '../../definition/fields.ts'
import { type AgentFinding, type ReportAgentFinding, toInvalidAgent } from '../../definition/finding.ts'
import { type CodeOutput, readOutput } from '../../definition/output-schema.ts'
import { defineFields } from '../../definition/parse.ts'
import { listAgents } from '../files/agent-files.ts'
import { type AgentProject, hasFile, lineOf, noticeOnce, readAgent } from '../files/read-agent.ts'
import { textOf } from '../files/read-skills.ts'
import { readIfThere } from '../files/read-text.ts'

/** The agents of a program and those that they may ask, each once. InvalidError `agent_taken` if two have one name. */
export function allAgents(given: readonly Agent[]): readonly Agent[] {
  const found = new Map<string, Agent>()
  const add = (agent: Agent): void => {
    const parts = partsOfAgent(agent)
    if (!parts) throw notAgents()
    const other = found.get(agent.name)
    if (other === agent) return
    if (other) throw agentTaken(agent.name, 'one of this program, and another agent of this program')
    found.set(agent.name, agent)
    for (const asked of parts.agents) add(asked)
  }
  // a program without types may give anything
  if (!Array.isArray(given)) throw notAgents()
  for (const agent of given) add(agent)
  return [...found.values()]
}

const notAgents = () =>
  new InvalidError('Expected a list of agents made by defineAgent.', {
    code: 'invalid_agent',
    place: { path: 'agents' },
    hint: 'Write for example agents: [support].',
  })

/** The tools that agents of a program have as values. */
export const toolsOfAgents = (agents: readonly Agent[]): readonly Tool[] =>
  agents.flatMap((agent) => partsOfAgent(agent)!.code)

/** The agents of a project: those of the program that opened the runtime, and those of files. */
export type ProjectAgents = {
  /**
   * Reads an agent for a goal, by its name, the path of its file, or as a value. A definition stays as it is. A file
   * may also name the agents that `others` gives. `about`: for whom the goal is.
   */
  read(
    agent: string | Agent | AgentDefinition,
    goal: string | undefined,
    others: () => Promise<readonly KnownAgent[]>,
    about: GoalFor,
  ): Promise<AgentDefinition>
  /** The context of a goal, as the schema of its agent makes it. InvalidError `invalid_context` if it does not fit. */
  fitContext(agent: string | Agent | AgentDefinition, context: Json | undefined): Promise<Json | undefined>
  /** The names of the rules of an agent of the program; empty: it has none. */
  rulesOf(agent: string | Agent | AgentDefinition): readonly string[]
  /** The definition of an agent that is data, and what was found in it. It may name `others`. */
  define(
    agent: Agent,
    others: readonly KnownAgent[],
    narrow: Narrow,
  ): Promise<{ readonly definition: AgentDefinition; readonly findings: readonly AgentFinding[] }>
  /** The agent of the program or of a file that has a name or a title; undefined: the name is free. */
  holderOf(name: string): Promise<string | undefined>
  /** The output of an agent of the program, which checks answers; undefined: there is none. */
  outputOf(name: string): CodeOutput | undefined
  /** the names of the agents of the program */
  readonly inCode: readonly string[]
  readonly toolbox: Toolbox
}

/** Narrows a definition, and reports the rights that it may not have. */
export type Narrow = (definition: AgentDefinition, report: ReportAgentFinding) => AgentDefinition

/**
 * Opens the agents of a project, those of files and those of a program. Each agent of the program is checked.
 * @throws InvalidError `agent_taken` when an agent of the program and a file have one name
 */
export async function openAgents(
  agents: readonly Agent[],
  { notice, ...around }: AgentProject,
): Promise<ProjectAgents> {
  const project: AgentProject = { ...around, notice: noticeOnce(notice), inCode: agents.map(knownAgent) }
  const { folder, toolbox } = project
  const byName = new Map(agents.map((agent) => [agent.name, agent]))
  const outputs = new Map<string, CodeOutput>()
  for (const agent of agents) {
    const { output } = await defineForGoal(agent, project, 'none')
    const { output: schema } = partsOfAgent(agent)!
    if (schema) outputs.set(agent.name, { schema, hash: hash('sha256', JSON.stringify(output), 'hex') })
  }
  const agentOf = (agent: string | Agent | AgentDefinition) => (typeof agent === 'string' ? byName.get(agent) : agent)
  return {
    toolbox,
    rulesOf(agent) {
      const own = byName.get(typeof agent === 'string' ? agent : agent.name)
      return own ? namesOf(partsOfAgent(own).around, placeOfAgent(own.name)) : []
    },
    async fitContext(agent, context) {
      const { context: schema } = partsOfAgent(agentOf(agent)) ?? {}
      return schema ? readContext(schema, context) : context
    },
    outputOf: (name) => outputs.get(name),
    inCode: [...byName.keys()],
    async read(agent, goal, others, about) {
      const value = agentOf(agent)
      if (value === undefined) return readAgent(agent as string, { ...project, others })
      if (!isAgent(value)) return value
      const instructions = goal === undefined ? 'none' : await makeInstructions(value, goal, about)
      const definition = await defineForGoal(value, project, instructions)
      const output = byName.get(value.name) === value ? outputs.get(value.name) : undefined
      return output ? { ...definition, boundOutput: output.hash } : definition
    },
    async define(agent, others, narrow) {
      const files = await listAgents(folder)
      const text = partsOfAgent(agent)!.instructions as string
      const inCode = [...(project.inCode ?? []), ...others]
      return definitionOf(agent, { ...project, inCode }, text, files, narrow)
    },
    async holderOf(name) {
      if (byName.has(name)) return 'one of this program'
      const isNamed = (one: KnownAgent) => one.name === name || one.title?.toLowerCase() === name
      const file = (await listAgents(folder)).find(isNamed)
      return file && `the file ${file.file}`
    },
  }
}

/** A context as a schema makes it, which must be JSON again. */
async function readContext(schema: StandardSchemaV1, context: Json | undefined): Promise<Json | undefined> {
  const read = await readOutput(schema, context)
  if ('wrong' in read) throw invalidContext(`it does not fit the agent: ${read.wrong}`)
  return read.value === undefined ? undefined : checkContext(read.value)
}

const knownAgent = ({ name, description }: Agent) => ({ name, ...(description !== '' && { description }) })

/** The definition of an agent of a program, as far as it is data. */
async function defineForGoal(agent: Agent, project: AgentProject, instructions: string): Promise<AgentDefinition> {
  const { name } = agent
  checkCode(agent, partsOfAgent(agent)!.code, project)
  const files = await listAgents(project.folder)
  const file = files.find((one) => one.name === name)
  if (file) throw agentTaken(name, `one of this program, and the file ${file.file}`)
  const { definition, findings } = await definitionOf(agent, project, instructions, files)
  for (const finding of findings) project.notice?.(lineOf(finding, `agent ${name}`))
  return definition
}

/** The definition of an agent, and the findings that are not errors. */
async function definitionOf(
  agent: Agent,
  { folder, toolbox, models, inCode = [] }: AgentProject,
  instructions: string,
  files: readonly KnownAgent[],
  narrow: Narrow = (definition) => definition,
): Promise<{ readonly definition: AgentDefinition; readonly findings: readonly AgentFinding[] }> {
  const { fields: given, skills, own, findings: known, output: schema } = partsOfAgent(agent)!
  const { name } = agent
  const shared = await readIfThere(join(folder, 'AGENTS.md'))
  const findings: AgentFinding[] = [...known]
  const report: ReportAgentFinding = (severity, path, message, { hint } = {}) =>
    void findings.push({ severity, message, path: path.join('.'), ...(hint !== undefined && { hint }) })
  const output = given.output ?? (schema && (toJsonSchema(schema, 'input') as AgentFields['output']))
  if (schema && !output) report('error', ['output'], NOT_CONVERTED, { hint: CONVERTED_BY })
  const fields = output ? { ...given, output } : given
  const around = {
    name,
    toolbox,
    own,
    product: undefined,
    agents: [...files, ...inCode.filter((one) => !files.some((other) => other.name === one.name))],
    ...(shared && 'text' in shared && { project: textOf(shared) }),
    lackOfModel: models.lackOf,
    hasFile: (path: string) => hasFile(folder, path),
  }
  const definition = narrow(defineFields(fields, { instructions, skills }, around, report), report)
  const error = toInvalidAgent([...findings, ...checkToolOffers(definition, toolbox)])
  if (error) throw inAgent(name, error)
  return { definition, findings }
}

const NOT_CONVERTED = '`output`: this schema gives no JSON Schema, which models need'
const CONVERTED_BY =
  'Use zod or arktype, a schema of valibot in toStandardJsonSchema of @valibot/to-json-schema, or write a JSON Schema.'

/** Refuses an agent whose tools are not those of this runtime. */
function checkCode({ name }: Agent, tools: readonly Tool[], { toolbox }: AgentProject): void {
  for (const tool of tools) {
    const [found] = toolsNamed(tool.name, toolbox)
    if (found?.name === tool.name && isCodeTool(found) && hashOfInput(found) === hashOfInput(tool)) continue
    throw new InvalidError(`The agent ${name} needs the tool ${tool.name}, which this runtime does not have.`, {
      code: 'unknown_tool',
      hint: `Give the agent to the runtime: createRuntime(config, { agents: [${name}] }).`,
    })
  }
}

function inAgent(name: string, { message, code, hint, place }: InvalidError): InvalidError {
  return new InvalidError(`The agent ${name}: ${message}`, { code, hint, ...(place && { place }) })
}

/** The error for a name that another agent has. `other` says which agents have it. */
export function agentTaken(name: string, other: string): InvalidError {
  return new InvalidError(`There are two agents with the name ${name}: ${other}.`, {
    code: 'agent_taken',
    place: { path: 'name' },
    hint: 'Give one of them another name.',
  })
}

/** ms that a function may take to make the instructions of a goal. */
const MAX_MS = 60_000

/**
 * The instructions of an agent for a goal. A function makes them now; the caller keeps the text.
 * @throws InvalidError `instructions_failed` when the function throws, gives no text, or takes more than a minute
 */
async function makeInstructions(agent: Agent, goal: string, about: GoalFor): Promise<string> {
  const { instructions } = partsOfAgent(agent)!
  if (typeof instructions === 'string') return instructions
  const text = await inTime((async () => instructions(goal, about))(), MAX_MS, tooLong).catch((error: unknown) => {
    throw failed(agent, `the function failed: ${problemOf(error).message}`, error)
  })
  const fault = instructionsFault(text)
  if (fault !== undefined) throw failed(agent, `${fault} from the function`)
  return text
}

const tooLong = () => new Error(`it took more than ${MAX_MS / 1000} seconds`)

const failed = ({ name }: Agent, why: string, cause?: unknown) =>
  new InvalidError(`The instructions of the agent ${name}: ${why}`, {
    code: 'instructions_failed',
    place: { path: 'instructions' },
    hint: 'The function gets the text of the goal, its owner and its context, and must return a text. Nothing was started: correct the function, then send the text again.',
    ...(cause !== undefined && { cause }),
  })

import { isJsonObject, type Json } from '../../kernel/json.ts'
import type { ApprovalPolicy } from '../../tool/tool-request.ts'
import type { Agent, AgentOptions } from './agent-value.ts'
import { defineAgent } from './define-agent.ts'
import type { Skill } from './definition.ts'
import { type AgentFinding, toInvalidAgent } from './finding.ts'
import type { ObjectJsonSchema } from './output-schema.ts'

export const AGENT_DEFINITION = 'agent-definition'

/** Characters of the JSON of an agent of run time. */
const MAX_AGENT_DATA = 256 * 1024

/**
 * Keys whose form as data differs from that in a program.
 * @public
 */
export type FormsOfData = {
  readonly instructions: string
  /** names of tools that the process has; absent: none */
  readonly tools?: readonly string[]
  readonly disallowedTools?: readonly string[]
  readonly skills?: readonly Pick<Skill, 'name' | 'description' | 'body'>[]
  readonly approve?: ApprovalPolicy
  /** names of agents that it may ask */
  readonly agents?: readonly string[]
  /** the JSON Schema of its answer, which is an object */
  readonly output?: ObjectJsonSchema
}

/**
 * An agent as data, as it is put at run time. The keys mean what they mean for `defineAgent`. Tools and agents are
 * names. It names no file, no server and no secret.
 */
export type AgentData = FormsOfData &
  Pick<
    AgentOptions,
    | ('description' | 'model' | 'promptCache' | 'maxTurns' | 'maxTokens' | 'reasoning' | 'budget' | 'priority')
    | ('deadline' | 'patience' | 'timeout' | 'retry' | 'environment' | 'onUnknown' | 'onFailure' | 'onChange')
    | ('recall' | 'memory' | 'show')
  >

/** Keys that other agents have, and why an agent of run time has none of them. */
const NOT_AS_DATA: { readonly [key: string]: string } = {
  playbook: 'it names a file',
  file: 'it names a file',
  context: 'it is a schema of a program',
  mcpServers: 'it names servers. Servers are configured in antiphon.yaml or .mcp.json',
}

const SKILL_KEYS: readonly string[] = ['name', 'description', 'body']

/**
 * The agent that data defines, under a name.
 * @throws InvalidError `invalid_agent` whose place is the wrong key
 */
export function agentFromData(name: string, data: unknown): Agent {
  const findings: AgentFinding[] = []
  const fail = (path: string, message: string, hint?: string) =>
    void findings.push({ severity: 'error', path, message, ...(hint !== undefined && { hint }) })
  checkJson(data, '', fail)
  if (findings.length === 0 && !isJsonObject(data as Json))
    fail('', 'expected the keys of an agent', 'Give at least { "instructions": "…" }.')
  if (findings.length === 0) checkKeys(name, data as { readonly [key: string]: Json }, fail)
  const error = toInvalidAgent(findings)
  if (error) throw error
  return defineAgent({ ...(data as AgentData), name })
}

type Fail = (path: string, message: string, hint?: string) => void

function checkKeys(name: string, data: { readonly [key: string]: Json }, fail: Fail): void {
  for (const [key, why] of Object.entries(NOT_AS_DATA))
    if (Object.hasOwn(data, key)) fail(key, `an agent of run time cannot have \`${key}\`: ${why}`, 'Remove the key.')
  if (data.name !== undefined && data.name !== name)
    fail('name', `expected the name \`${name}\`, got ${JSON.stringify(data.name).slice(0, 100)}`, 'Remove the key.')
  if (data.output !== undefined && (!isJsonObject(data.output) || Object.hasOwn(data.output, '~standard')))
    fail('output', '`output`: expected a JSON Schema', 'Write for example { "type": "object", "properties": {} }.')
  for (const [place, skill] of (Array.isArray(data.skills) ? data.skills : []).entries())
    for (const key of isJsonObject(skill) ? Object.keys(skill) : [])
      if (!SKILL_KEYS.includes(key))
        fail(`skills.${place}.${key}`, `a skill of run time cannot have \`${key}\``, `Keys: ${SKILL_KEYS.join(', ')}.`)
  const characters = JSON.stringify(data).length
  if (characters > MAX_AGENT_DATA)
    fail('', `expected at most ${MAX_AGENT_DATA} characters, got ${characters}`, 'Shorten the instructions.')
}

/** Levels of maps and lists in the data of an agent. */
const MAX_LEVELS = 100

/** Reports values that are not JSON, and secrets: their names are not for models. */
function checkJson(value: unknown, path: string, fail: Fail, level = 0): void {
  const at = (key: string | number) => (path === '' ? String(key) : `${path}.${key}`)
  if (level > MAX_LEVELS)
    fail(path.split('.', 1)[0]!, `expected at most ${MAX_LEVELS} levels`, 'Put fewer maps and lists into each other.')
  else if (typeof value === 'string') {
    if (value.includes('secret://'))
      fail(path, `\`${path}\` names a secret: an agent of run time gets none`, 'Let a tool of the process read it.')
  } else if (Array.isArray(value))
    for (const [place, one] of value.entries()) checkJson(one, at(place), fail, level + 1)
  else if (isPlainMap(value))
    for (const [key, one] of Object.entries(value)) {
      if (one !== undefined) checkJson(one, at(key), fail, level + 1)
    }
  else if (value !== null && typeof value !== 'boolean' && !Number.isFinite(value))
    fail(path, `\`${path}\`: expected JSON, got ${nameOf(value)}`, 'To use code, write the agent with defineAgent.')
}

const nameOf = (value: unknown) => (typeof value === 'object' ? 'an object' : `a ${typeof value}`)

function isPlainMap(value: unknown): value is { readonly [key: string]: unknown } {
  if (typeof value !== 'object' || value === null) return false
  const prototype: unknown = Object.getPrototypeOf(value)
  return prototype === null || prototype === Object.prototype
}

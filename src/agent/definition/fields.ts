import type { Json } from '../../kernel/json.ts'
import { clip } from '../../lib/clip.ts'
import { PRIORITIES } from '../../lib/priority.ts'
import { AGENT_SPACES, isWithin } from '../../memory/space.ts'
import { EFFORTS, MAX_REPLY, type Reasoning } from '../../model/request/reasoning.ts'
import { PROMPT_CACHES } from '../../model/request/request.ts'
import {
  MAX_APPROVED,
  MAX_CALL_RETRIES,
  MAX_CALL_SECONDS,
  MAX_CONDITION,
  MAX_TOOL_NAME,
  OWN_ENVIRONMENT,
  OWN_ENVIRONMENT_EXPECTED,
} from '../../tool/call-bounds.ts'
import type { ApprovalPolicy, ApprovalRule } from '../../tool/tool-request.ts'
import type { AgentMemorySettings, ShownCalls } from './definition.ts'
import type { ReportAgentFinding } from './finding.ts'
import type { Read } from './readers.ts'
import { Fault, isMap, isText, list, names, number, oneOf, only, plainText, read, timeSpan, whole } from './readers.ts'

const positiveTime = (value: unknown) => timeSpan(value, (seconds) => seconds > 0, 'expected a number above 0')
const callTime = (value: unknown) => {
  const seconds = positiveTime(value)
  if (seconds > MAX_CALL_SECONDS) throw new Fault(`expected a number of ${MAX_CALL_SECONDS} or less`)
  return seconds
}

const model = (value: unknown): string | readonly string[] => {
  if (isText(value)) return value
  return list(value, 'expected a string or a list').map((one, place) => plainText(one, [place]))
}

type Servers = { readonly [name: string]: { readonly [key: string]: Json } }

const servers = (value: unknown, path: Fault['path'] = []): Servers => {
  if (!isMap(value)) throw new Fault('expected a map', path)
  for (const [name, one] of Object.entries(value)) if (!isMap(one)) throw new Fault('expected a map', [...path, name])
  return value as Servers
}

const serverList = (value: unknown): Servers | readonly (string | Servers)[] =>
  Array.isArray(value) ? value.map((one, place) => (isText(one) ? one : servers(one, [place]))) : servers(value)

const approval = (value: unknown): ApprovalPolicy => {
  if (value === 'default' || value === 'none') return value
  const tools = list(value, 'expected one of default, none, or a list')
  if (tools.length > MAX_APPROVED) throw new Fault(`expected at most ${MAX_APPROVED} items`)
  return tools.map((rule, place): ApprovalRule => {
    if (!isMap(rule)) return boundedText(rule, MAX_TOOL_NAME, [place], 'expected a string, or a map of tool and when')
    const { tool, when } = only(rule, ['tool', 'when'], [place])
    return {
      tool: boundedText(tool, MAX_TOOL_NAME, [place, 'tool']),
      when: boundedText(when, MAX_CONDITION, [place, 'when']),
    }
  })
}

const boundedText = (value: unknown, most: number, path: Fault['path'], expected = 'expected a string'): string => {
  if (!isText(value)) throw new Fault(expected, path)
  if (value === '') throw new Fault('expected a text that is not empty', path)
  if (value.length > most) throw new Fault(`expected at most ${most} characters`, path)
  return value
}

const environment = (value: unknown): string => {
  if (isText(value) && OWN_ENVIRONMENT.test(value)) return value
  throw new Fault(isText(value) ? OWN_ENVIRONMENT_EXPECTED : 'expected a string')
}

const shownCalls = (value: unknown): ShownCalls => {
  if (value === 'none' || value === 'all') return value
  const tools = list(value, 'expected one of none, all, or a list of tools')
  if (tools.length > MAX_APPROVED) throw new Fault(`expected at most ${MAX_APPROVED} items`)
  return tools.map((tool, place) => boundedText(tool, MAX_TOOL_NAME, [place]))
}

const memory = (value: unknown): AgentMemorySettings => {
  if (!isMap(value)) throw new Fault('expected a map')
  const { space, recall, read } = only(value, ['space', 'recall', 'read'])
  return {
    ...(space !== undefined && { space: memorySpace(plainText(space, ['space'])) }),
    ...(recall !== undefined && { recall: recalled(recall) }),
    ...(read !== undefined && { read: readable(read) }),
  }
}

/** Characters of a space, to which the name of a conversation may be added. */
const MAX_SPACE = 200
/** Spaces that an agent may search, and records that a goal recalls. */
const MAX_READ = 20
const MAX_RECALLED = 50

const readable = (value: unknown): readonly string[] => {
  if (!Array.isArray(value) || value.length > MAX_READ)
    throw new Fault(`expected a list of at most ${MAX_READ} spaces, such as [owner, shop/docs]`, ['read'])
  return value.map((one, place) => {
    const space = memorySpace(plainText(one, ['read', place]), ['read', place])
    if (!isWithin(space, AGENT_SPACES)) return space
    throw new Fault(`expected \`owner\`, or a space outside of \`${AGENT_SPACES}\``, ['read', place])
  })
}

const memorySpace = (space: string, path: readonly (string | number)[] = ['space']): string => {
  const isPath = space.split('/').every((part) => part.trim() !== '') && !/\p{Cc}/u.test(space)
  if (isPath && space.length <= MAX_SPACE) return space
  throw new Fault(`expected a path such as work/alpha, of at most ${MAX_SPACE} characters`, path)
}

const recalled = (value: unknown): number => {
  if (Number.isInteger(value) && Number(value) >= 0 && Number(value) <= MAX_RECALLED) return Number(value)
  throw new Fault(`expected a whole number from 0 to ${MAX_RECALLED}`, ['recall'])
}

const reasoning = (value: unknown): Reasoning => {
  if (!isMap(value)) throw new Fault('expected a map of effort or tokens')
  const { effort, tokens } = only(value, ['effort', 'tokens'])
  if ((effort === undefined) === (tokens === undefined)) throw new Fault('expected either `effort` or `tokens`')
  return effort === undefined
    ? { tokens: within('tokens', () => whole(tokens, 0, MAX_REPLY)) }
    : { effort: within('effort', () => oneOf(EFFORTS, effort)) }
}

function within<Value>(key: string, reader: () => Value): Value {
  const found = read(reader, undefined)
  if ('value' in found) return found.value
  throw new Fault(found.fault.message, [key, ...found.fault.path])
}

/** The readers of all keys of an agent. */
const READERS = {
  name: (value: unknown) => plainText(value),
  description: (value: unknown) => plainText(value, [], 'expected a text that says what the agent is for'),
  tools: names,
  disallowedTools: names,
  model,
  promptCache: (value: unknown) => oneOf(PROMPT_CACHES, value),
  maxTurns: (value: unknown) => whole(value, 1, Number.MAX_SAFE_INTEGER),
  maxTokens: (value: unknown) => whole(value, 1, MAX_REPLY),
  reasoning,
  skills: names,
  mcpServers: serverList,
  approve: approval,
  budget: (value: unknown) => number(value, (dollars) => dollars >= 0, 'expected a number of 0 or more'),
  deadline: positiveTime,
  patience: (value: unknown) => timeSpan(value),
  timeout: callTime,
  retry: (value: unknown) => whole(value, 0, MAX_CALL_RETRIES),
  priority: (value: unknown) => oneOf(PRIORITIES, value),
  playbook: (value: unknown) => plainText(value),
  agents: names,
  environment,
  on_unknown: (value: unknown) => oneOf(['ask', 'tell', 'fail'], value),
  on_failure: (value: unknown) => oneOf(['undo'], value),
  on_change: (value: unknown) => oneOf(['ask', 'adopt', 'finish-old'], value),
  recall: (value: unknown) => oneOf(['agent'], value),
  memory,
  show: shownCalls,
  output: (value: unknown) => {
    if (!isMap(value)) throw new Fault('expected a map')
    return value as { readonly [key: string]: Json }
  },
} satisfies { readonly [key: string]: Read<unknown> }

type Readers = typeof READERS
/** The values of the keys in the file of an agent. */
export type AgentFields = { readonly description: string } & {
  readonly [Key in keyof Readers]?: ReturnType<Readers[Key]>
}

export const AGENT_KEYS: readonly string[] = Object.keys(READERS)

/** An example for a key whose value is missing or wrong. */
const EXAMPLES: { readonly [Key in keyof Readers]: string } = {
  name: 'clerk',
  description: 'Keeps notes short and correct',
  tools: '[filesystem:read]',
  disallowedTools: '[terminal]',
  model: 'openai/gpt-5-mini',
  promptCache: '1h',
  maxTurns: '12',
  maxTokens: '16000',
  reasoning: '{ effort: high }',
  skills: '[tide-table]',
  mcpServers: '[github]',
  approve: '[filesystem:write]',
  budget: '0.5',
  deadline: '20m',
  patience: '5m',
  timeout: '45s',
  retry: '2',
  priority: 'high',
  playbook: 'agents/clerk.yaml',
  agents: '[reviewer]',
  environment: 'shop',
  on_unknown: 'ask',
  on_failure: 'undo',
  on_change: 'adopt',
  recall: 'agent',
  memory: '{ space: work/alpha, recall: 5 }',
  show: '[lookup_order]',
  output: '{ type: object, properties: { lines: { type: number } } }',
}

const hintOf = (key: string) => `Write for example \`${key}: ${EXAMPLES[key as keyof Readers]}\`.`

type ReadOptions = {
  /** why the file is written for another product: it may lack a description */
  readonly product?: string | undefined
  /** it is defined in a program: it may lack a description */
  readonly inCode?: true
}

/** The values of the keys; reports an error for each fault. A playbook is matched with goals by its description. */
export function readFields(
  own: { readonly [key: string]: unknown },
  report: ReportAgentFinding,
  { product, inCode }: ReadOptions = {},
): AgentFields | undefined {
  const mayLack = (inCode || product !== undefined) && own.playbook === undefined
  const fields: { [key: string]: unknown } = {}
  let hasFault = false
  const fail = (path: readonly (string | number)[], text: string) => {
    hasFault = true
    report('error', path, text, { hint: hintOf(String(path[0])) })
  }
  for (const key of Object.keys(READERS)) {
    const value = own[key]
    if (key === 'description' && mayLack && (value === undefined || value === '')) fields[key] = ''
    else if (key === 'description' && value === undefined)
      fail([key], 'there is no `description`: expected a text that says what the agent is for')
    else if (value !== undefined) {
      const found = read(READERS[key as keyof Readers] as Read<unknown>, value)
      if ('fault' in found) fail([key, ...found.fault.path], faultText(key, value, found.fault))
      else fields[key] = found.value
    }
  }
  if (hasFault) return undefined
  if (fields.description === '' && !inCode)
    report('warning', ['description'], 'there is no `description`', {
      hint: 'People and other agents choose an agent by it.',
    })
  return fields as AgentFields
}

function faultText(key: string, value: unknown, { path, message }: Fault): string {
  const at = path.reduce<unknown>((inside, step) => (inside as { readonly [key: string]: unknown })?.[step], value)
  return `\`${[key, ...path].join('.')}\`: ${message}, got ${short(at)}`
}

const short = (value: unknown) =>
  clip(typeof value === 'function' ? 'a function' : (JSON.stringify(value) ?? 'nothing'), 40)

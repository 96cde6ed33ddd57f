import type { StandardSchemaV1 } from '@standard-schema/spec'
import { InvalidError } from '../../errors.ts'
import { findJsonFault } from '../../lib/json/json-form.ts'
import { standardJsonSchema } from '../../lib/json/standard-json-schema.ts'
import { nearestWord } from '../../lib/suggest.ts'
import { unusableSchema } from '../../model/structured-output/unusable-schema.ts'
import type { Tool } from '../../tool/tool.ts'
import { type Around, placeOfAgent, ruleOf } from '../../work/rules/house-rules.ts'
import { isAgentName } from './agent-name.ts'
import type { Agent, AgentOptions, AgentParts, AgentTool, ContextGiven, ContextSchema } from './agent-value.ts'
import { isAgent, toAgent } from './agent-value.ts'
import { MAX_SKILL_DESCRIPTION, MAX_SKILL_NAME, type Skill } from './definition.ts'
import { readFields } from './fields.ts'
import { type AgentFinding, hintFor, type ReportAgentFinding, toInvalidAgent } from './finding.ts'
import { isStandardSchema, type OutputOf, type OutputSchema, reportNotObject, reportUnusable } from './output-schema.ts'

/** Keys that a file spells in another way. */
const SPELLINGS: { readonly [key: string]: string } = {
  on_unknown: 'onUnknown',
  on_failure: 'onFailure',
  on_change: 'onChange',
}

/** All keys of an agent of a program. */
const OPTIONS: { readonly [Key in keyof AgentOptions]-?: true } = {
  name: true,
  description: true,
  instructions: true,
  context: true,
  tools: true,
  disallowedTools: true,
  model: true,
  promptCache: true,
  maxTurns: true,
  maxTokens: true,
  reasoning: true,
  skills: true,
  approve: true,
  budget: true,
  priority: true,
  deadline: true,
  patience: true,
  timeout: true,
  retry: true,
  playbook: true,
  agents: true,
  environment: true,
  onUnknown: true,
  onFailure: true,
  onChange: true,
  output: true,
  recall: true,
  memory: true,
  show: true,
  around: true,
}
const KEYS = Object.keys(OPTIONS)

/** Characters of the instructions of an agent. */
const MAX_INSTRUCTIONS = 256 * 1024

/**
 * Defines an agent of a program. It has the same keys as the file of an agent, with tools and other agents as names or
 * as values. Without `tools` it has none. Give it to `createRuntime(config, { agents: [agent] })`.
 * @throws InvalidError `invalid_agent` whose place is the wrong key
 */
export function defineAgent<
  const Tools extends readonly AgentTool[] = readonly [],
  Output extends OutputSchema | undefined = undefined,
  Context extends ContextSchema | undefined = undefined,
>(options: AgentOptions<Tools, Output, Context>): Agent<OutputOf<Output>, Tools, ContextGiven<Context>> {
  const given = mapOf(options)
  const findings: AgentFinding[] = []
  const tools = valuesIn(given.tools, isTool)
  const own = [given.tools, given.disallowedTools, ruled(given.approve)].flatMap((list) => valuesIn(list, isTool))
  const report: ReportAgentFinding = (severity, [key = '', ...rest], message, { hint } = {}) => {
    const path = [spelled(String(key)), ...rest].join('.')
    findings.push({ severity, message: respelled(message), path, ...(hint !== undefined && { hint }) })
  }
  for (const key of Object.keys(given)) if (!KEYS.includes(key)) findings.push(unknownKey(key))
  const { instructions, skills = [], onUnknown, onFailure, onChange, mcpServers: _, context, around, ...others } = given
  const inSnake = { on_unknown: onUnknown, on_failure: onFailure, on_change: onChange }
  const inFile = { ...others, ...namesOf(given), ...inSnake, skills: undefined }
  const output = isStandardSchema(given.output) ? given.output : undefined
  const unfit = findJsonFault(given.output, 'input')
  if (unfit)
    report('error', ['output', ...unfit.path], `\`${['output', ...unfit.path].join('.')}\`: ${unfit.message}`, unfit)
  const fields = readFields(output ? { ...inFile, output: standardJsonSchema(output, 'input') } : inFile, report, {
    inCode: true,
  })
  if (typeof given.name !== 'string' || !isAgentName(given.name))
    report('error', ['name'], '`name`: expected lower-case letters, digits and `-`, at most 64', {
      hint: 'Write for example `name: code-reviewer`.',
    })
  if (typeof instructions !== 'function') {
    const fault = instructionsFault(instructions)
    if (fault !== undefined)
      report('error', ['instructions'], `\`instructions\`: ${fault}`, {
        hint: 'Write for example: `instructions: You sort mail.`.',
      })
  }
  const wrong = fields?.output && unusableSchema(fields.output)
  if (wrong !== undefined) reportUnusable(wrong, report)
  else if (fields?.output) reportNotObject(fields.output, report)
  if (context !== undefined && !isStandardSchema(context))
    report('error', ['context'], '`context`: expected a Standard Schema', {
      hint: 'Write for example context: z.object({ customer: z.string() }).',
    })
  reportSkills(skills, report)
  reportTwins(own, report)
  const error = toInvalidAgent(findings)
  if (error) throw error
  const { name, description, ...rest } = fields!
  const parts: AgentParts<OutputOf<Output>, ContextGiven<Context>> = {
    fields: { ...rest, name: name!, description, tools: rest.tools ?? [] },
    instructions: instructions as AgentParts['instructions'],
    skills: (skills as readonly Skill[]).map((skill) => ({ ...skill })),
    code: tools,
    own: own.map((tool) => tool.name),
    agents: valuesIn(given.agents, isAgent),
    findings,
    ...(around !== undefined && { around: ruleOf(around, placeOfAgent(String(given.name))) as Around }),
    ...(output && { output: output as AgentParts<OutputOf<Output>>['output'] & object }),
    ...(isStandardSchema(context) && { context: context as StandardSchemaV1<ContextGiven<Context>, unknown> }),
  }
  const listed = Object.freeze([...(options.tools ?? [])]) as unknown as Tools
  return toAgent({ name: name!, description, tools: listed }, parts)
}

/** Why a text cannot be the instructions of an agent; undefined: it can. */
export function instructionsFault(text: unknown): string | undefined {
  if (typeof text !== 'string') return `expected a text, got ${text === null ? 'null' : typeof text}`
  if (text.trim() === '') return 'expected a text that is not empty'
  return text.length > MAX_INSTRUCTIONS ? `expected at most ${MAX_INSTRUCTIONS} characters` : undefined
}

function mapOf(options: unknown): { readonly [key: string]: unknown } {
  if (typeof options === 'object' && options !== null && !Array.isArray(options)) return { ...options }
  throw new InvalidError('Expected the keys of an agent, such as { name, instructions }.', { code: 'invalid_agent' })
}

/** The values in a list that may hold names, too; each once. */
function valuesIn<Value>(list: unknown, isValue: (one: unknown) => one is Value): readonly Value[] {
  return Array.isArray(list) ? [...new Set(list.filter(isValue))] : []
}

/** The lists of tools and agents, with the name of each value at its place. */
function namesOf(given: { readonly [key: string]: unknown }): { readonly [key: string]: unknown } {
  const named = (one: unknown): unknown => {
    if (isTool(one) || isAgent(one)) return one.name
    return isRule(one) ? { ...one, tool: named(one.tool) } : one
  }
  const lists = ['tools', 'disallowedTools', 'approve', 'agents'].map((key) => {
    const list = given[key]
    return [key, Array.isArray(list) ? list.map(named) : list]
  })
  return Object.fromEntries(lists)
}

const ruled = (list: unknown) => (Array.isArray(list) ? list.map((one) => (isRule(one) ? one.tool : one)) : list)

const isRule = (value: unknown): value is { readonly tool: unknown } =>
  typeof value === 'object' && value !== null && 'tool' in value && !isTool(value) && !isAgent(value)
const isTool = (value: unknown): value is Tool =>
  typeof value === 'object' && value !== null && typeof (value as Partial<Tool>).execute === 'function'

function unknownKey(key: string): AgentFinding {
  const hint = hintFor(nearestWord(key, KEYS), `Known keys: ${KEYS.join(', ')}.`)!
  return { severity: 'error', message: `the key \`${key}\` is unknown`, path: key, hint }
}

const SKILL_EXAMPLE = "For example: skills: [{ name: 'tides', description: 'Reads tide tables', body: '…' }]"

function reportSkills(skills: unknown, report: ReportAgentFinding): void {
  const expected = 'expected a list of skills, such as { name, description, body }'
  if (!Array.isArray(skills)) report('error', ['skills'], `\`skills\`: ${expected}`, { hint: SKILL_EXAMPLE })
  for (const [place, skill] of Array.isArray(skills) ? skills.entries() : []) {
    const texts = [skill?.name, skill?.description, skill?.body]
    if (texts.some((text) => typeof text !== 'string' || text.trim() === ''))
      report(
        'error',
        ['skills', place],
        `\`skills.${place}\`: expected a skill with \`name\`, \`description\` and \`body\``,
        { hint: SKILL_EXAMPLE },
      )
    else if (skill.name.length > MAX_SKILL_NAME || skill.description.length > MAX_SKILL_DESCRIPTION)
      report('error', ['skills', place], `\`skills.${place}\`: the name or the description is too long`, {
        hint: `Use at most ${MAX_SKILL_NAME} characters for the name, and ${MAX_SKILL_DESCRIPTION} for the description.`,
      })
  }
}

function reportTwins(given: readonly Tool[], report: ReportAgentFinding): void {
  const names = [...new Set(given)].map(({ name }) => name)
  const twin = names.find((name, place) => names.indexOf(name) !== place)
  if (twin !== undefined)
    report('error', ['tools'], `there are two different tools of the name \`${twin}\``, {
      hint: 'Give one of them another name.',
    })
}

const spelled = (key: string): string => SPELLINGS[key] ?? key

const respelled = (text: string) =>
  text.replace(/`(on_unknown|on_failure|on_change)\b/, (_, key: string) => `\`${spelled(key)}`)

import { present } from '../../lib/json/present.ts'
import { nearestWord } from '../../lib/suggest.ts'
import { AGENT_SPACES, isWithin } from '../../memory/space.ts'
import type { ModelLack } from '../../model/models.ts'
import { problemOfSchema } from '../../model/structured-output/schema-problem.ts'
import { namesOfTool } from '../../tool/mcp/names-of-call.ts'
import type { ApprovalPolicy } from '../../tool/tool-request.ts'
import type { Toolbox } from '../../tool/toolbox.ts'
import { faultOfCondition } from '../../work/approval/condition.ts'
import { agentName } from './agent-name.ts'
import { agentsToAsk, type KnownAgent } from './agents-to-ask.ts'
import type { AgentDefinition, Skill } from './definition.ts'
import { AGENT_KEYS, type AgentFields, readFields } from './fields.ts'
import { type AgentFinding, hintFor, type ReportAgentFinding } from './finding.ts'
import { readFrontMatter } from './front-matter.ts'
import { ownKeys, productEnding, productOf } from './keys.ts'
import { reportNotObject, reportUnusable } from './output-schema.ts'
import type { ParsedSkill } from './skill.ts'
import { grantedTools, namedRules, type ToolNaming } from './tool-list.ts'

/** The facts that stand outside the file of an agent. */
export type AgentSurroundings = {
  /** the name of the file, without its endings */
  readonly name: string
  /** for messages */
  readonly file: string
  readonly project?: string
  readonly toolbox: Toolbox
  readonly skills: readonly ProjectSkill[]
  readonly agents: readonly KnownAgent[]
  /** why the model of that name cannot be asked here; undefined: it can */
  lackOfModel(name: string): ModelLack | undefined
  hasFile(path: string): boolean
}

/** A skill of the project, or the findings that say why it cannot be used. */
export type ProjectSkill = { readonly name: string } & ParsedSkill

/** The file of an agent and all that was found in it; without a definition if there is an error. */
export type ParsedAgent = { readonly definition?: AgentDefinition; readonly findings: readonly AgentFinding[] }

/** Reads an agent's file: YAML front matter, then instructions. Findings stand in the order of the file. Pure. */
export function parseAgent(text: string, around: AgentSurroundings): ParsedAgent {
  const { findings, ...parsed } = parseInAnyOrder(text, around)
  const placeOf = ({ file, line = 0, column = 0 }: AgentFinding) => (file === around.file ? line * 1e6 + column : 1e12)
  return { ...parsed, findings: findings.toSorted((one, other) => placeOf(one) - placeOf(other)) }
}

function parseInAnyOrder(text: string, around: AgentSurroundings): ParsedAgent {
  const front = readFrontMatter(text, around.file, productEnding(around.file) !== undefined)
  if ('fault' in front) return { findings: [front.fault] }
  const { head, body, findings, report } = front
  const product = productOf(around.file, Object.keys(head))
  const fields = readFields(ownKeys(head, AGENT_KEYS, report), report, { product })
  if (!fields) return { findings }
  if (body === '') report('warning', [], 'the file has no instructions', { hint: 'Write them below the front matter.' })
  const { skills, faults } = skillsOf(fields.skills, around.skills, report)
  findings.push(...faults)
  const definition = defineFields(fields, { instructions: body, skills }, { ...around, product }, report)
  return findings.some(({ severity }) => severity === 'error') ? { findings } : { definition, findings }
}

export function defineFields(
  fields: AgentFields,
  read: Pick<AgentDefinition, 'instructions' | 'skills'>,
  around: Omit<AgentSurroundings, 'file' | 'skills'> & Pick<ToolNaming, 'product' | 'own'>,
  report: ReportAgentFinding,
): AgentDefinition {
  const { description, maxTurns, budget, deadline, patience, timeout, retry, priority, recall, memory } = fields
  const {
    promptCache,
    maxTokens,
    reasoning,
    environment,
    on_unknown: onUnknown,
    on_failure: onFailure,
    on_change: onChange,
    output,
    show,
  } = fields
  checkOutput(fields, report)
  const mcpServers = serversOf(fields, around.toolbox, report)
  const { toolbox, product, own } = around
  const naming = { toolbox, product, own, servers: Object.keys(mcpServers), report }
  const toolNotes: string[] = []
  const reportTool: ReportAgentFinding = (severity, path, message, more) => {
    toolNotes.push(message)
    report(severity, path, message, more)
  }
  const approve = approvalOf(fields.approve, naming)
  const models = modelsOf(fields.model, around, report)
  const playbook = playbookOf(fields.playbook, around, report)
  const name = nameOf(fields.name, around.name, report)
  checkSpace(memory?.space, name, report)
  const agents = agentsToAsk(fields.agents, { name, product }, around.agents, report)
  const granted = grantedTools(fields, (tool) => mayWait(tool, approve), { ...naming, report: reportTool })
  return {
    name,
    description,
    ...read,
    ...(around.project !== undefined && { project: around.project }),
    ...granted,
    ...(toolNotes.length > 0 && { toolNotes }),
    ...models,
    ...present({ promptCache, maxTurns, maxTokens, reasoning }),
    ...(Object.keys(mcpServers).length > 0 && { mcpServers }),
    ...present({ approve, budget, deadline, patience, timeout, retry, priority, playbook }),
    ...present({ agents, environment, onUnknown, onFailure, onChange, output, recall, memory, show }),
  }
}

/** Reports the space of another agent. */
function checkSpace(space: string | undefined, name: string, report: ReportAgentFinding): void {
  const own = `${AGENT_SPACES}/${name}`
  if (space === undefined || !isWithin(space, AGENT_SPACES) || isWithin(space, own)) return
  report(
    'error',
    ['memory', 'space'],
    `\`memory.space\`: expected a space outside of \`${AGENT_SPACES}\`, or below \`${own}\``,
    {
      hint: 'The other spaces there belong to other agents.',
    },
  )
}

/** Reports a schema of answers that cannot be used. Models give an answer by a call, so it is an object. */
function checkOutput({ output }: AgentFields, report: ReportAgentFinding): void {
  if (output === undefined) return
  const wrong = problemOfSchema(output)
  if (wrong !== undefined) reportUnusable(wrong, report)
  else reportNotObject(output, report)
}

/** Other products allow any text as a name. */
function nameOf(given: string | undefined, ofFile: string, report: ReportAgentFinding): string {
  const name = agentName(given, ofFile)
  if (given !== undefined && given !== name)
    report('info', ['name'], `\`${given}\` is a title; the name of the agent is \`${name}\``)
  return name
}

const DEFAULT_MODEL_NAMES: readonly string[] = ['sonnet', 'opus', 'haiku', 'inherit']

/**
 * The models that can be asked; none for the default model. A model never becomes another one, except in a file of
 * another product, which names models of that product.
 */
function modelsOf(
  given: AgentFields['model'],
  { lackOfModel, product }: Pick<AgentSurroundings, 'lackOfModel'> & Pick<ToolNaming, 'product'>,
  report: ReportAgentFinding,
): Pick<AgentDefinition, 'model' | 'otherModels'> {
  const wanted = [given ?? []].flat()
  const named = product === undefined ? wanted : wanted.filter((name) => !DEFAULT_MODEL_NAMES.includes(name))
  const lacks = named.map(lackOfModel)
  const [model, ...others] = new Set(named.filter((_, place) => lacks[place] === undefined))
  if (model !== undefined) return { model, ...(others.length > 0 && { otherModels: others }) }
  if (wanted.length === 0) return {}
  if (product !== undefined) {
    report('info', ['model'], `\`${wanted.join(', ')}\` is not configured here: the default model is used`)
    return {}
  }
  const keyless = lacks.find((lack) => lack?.id !== undefined)
  if (keyless?.id !== undefined) {
    const message = `the model ${keyless.id} needs a key: its goals and messages wait`
    report('warning', ['model'], message, { hint: keyless.hint })
    return { model: keyless.id }
  }
  const [name = ''] = named
  report('error', ['model'], `\`model\`: there is no model ${name}`, {
    hint: DEFAULT_MODEL_NAMES.includes(name) ? 'Without `model`, the agent uses the default model.' : lacks[0]?.hint,
  })
  return {}
}

/** The servers that the file brings. A name in a list stands for a configured server. */
function serversOf(
  { mcpServers = {} }: AgentFields,
  toolbox: Toolbox,
  report: ReportAgentFinding,
): { readonly [name: string]: unknown } {
  const entries = Array.isArray(mcpServers) ? mcpServers : [mcpServers]
  const brought: { [name: string]: unknown } = {}
  for (const [place, entry] of entries.entries()) {
    if (typeof entry !== 'string') Object.assign(brought, entry)
    else if (toolbox.server(entry) === undefined)
      report('error', ['mcpServers', place], `there is no server \`${entry}\``, {
        hint: hintFor(nearestWord(entry, toolbox.names()), 'Name it in antiphon.yaml or .mcp.json.'),
      })
  }
  for (const name of Object.keys(brought))
    if (toolbox.server(name) === undefined)
      report('warning', ['mcpServers'], `the server \`${name}\` is not configured, so its tools cannot be called`, {
        hint: 'Name it in antiphon.yaml or .mcp.json.',
      })
  return brought
}

function approvalOf(policy: ApprovalPolicy | undefined, naming: ToolNaming): ApprovalPolicy | undefined {
  if (typeof policy !== 'object') return policy
  for (const [place, rule] of policy.entries()) {
    const fault = typeof rule === 'string' ? undefined : faultOfCondition(rule.when)
    if (fault !== undefined)
      naming.report('error', ['approve', place, 'when'], `\`approve.${place}.when\`: ${fault}`, {
        hint: 'Write for example `{ tool: github:delete, when: "{{ input.force }}" }`.',
      })
  }
  return namedRules(policy, 'approve', naming)
}

/** Whether a call of a tool that may do harm waits for a person. */
function mayWait(tool: string, policy: ApprovalPolicy = 'default'): boolean {
  return policy === 'default' || (policy !== 'none' && namesOfTool(tool).some((name) => policy.includes(name)))
}

type ChosenSkills = { readonly skills: readonly Skill[]; readonly faults: readonly AgentFinding[] }

/** The named skills, or all that a model may choose. A fault of a skill that the file does not name is a warning. */
function skillsOf(
  wanted: readonly string[] | undefined,
  known: readonly ProjectSkill[],
  report: ReportAgentFinding,
): ChosenSkills {
  const chosen = wanted ? [...new Set(wanted)].flatMap((name) => skillNamed(name, known, wanted, report)) : known
  for (const one of wanted ? chosen.filter(isManualSkill) : [])
    report('warning', ['skills', wanted!.indexOf(one.name)], `no model may choose the skill \`${one.name}\``, {
      hint: `Its file has \`disable-model-invocation\`, so the agent does not get it.`,
    })
  const faults = chosen.flatMap((one) => ('findings' in one ? one.findings : []))
  return {
    skills: chosen.flatMap((one) => ('skill' in one && !isManualSkill(one) ? one.skill : [])),
    faults: wanted ? faults : faults.map((fault) => ({ ...fault, severity: 'warning' })),
  }
}

const isManualSkill = (one: ProjectSkill) => 'isManual' in one

function skillNamed(
  name: string,
  known: readonly ProjectSkill[],
  wanted: readonly string[],
  report: ReportAgentFinding,
): readonly ProjectSkill[] {
  const found = known.find((one) => one.name === name)
  if (found) return [found]
  const near = nearestWord(
    name,
    known.map((one) => one.name),
  )
  report('error', ['skills', wanted.indexOf(name)], `there is no skill \`${name}\``, {
    hint: hintFor(near, `Expected a file skills/${name}/SKILL.md.`),
  })
  return []
}

function playbookOf(
  path: string | undefined,
  { hasFile }: Pick<AgentSurroundings, 'hasFile'>,
  report: ReportAgentFinding,
): string | undefined {
  if (path === undefined || hasFile(path)) return path
  report('error', ['playbook'], `there is no file \`${path}\` in the project`, {
    hint: 'Expected a path relative to the folder of the project.',
  })
  return path
}

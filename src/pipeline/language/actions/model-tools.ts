import { nearestWord } from '../../../lib/suggest.ts'
import { MAX_TOOLS } from '../../../model/offer/tool-offers.ts'
import { acceptableSchema } from '../../../model/offer/tool-schema.ts'
import { isCodeTool } from '../../../tool/plugin/code-tool.ts'
import { anyInputSchemaOf } from '../../../tool/schema.ts'
import type { Tool } from '../../../tool/tool.ts'
import { NO_NEAR_TOOL, type Toolbox } from '../../../tool/toolbox.ts'
import { serverName } from '../../../work/tools/server-name.ts'
import { FOREIGN_TOOL_NAMES, toolsOfName } from '../../../work/tools/tool-names.ts'
import type { ReportFinding } from '../diagnostics/finding.ts'
import type { AuthoredName, StepSpec } from '../parse/pipeline-spec.ts'
import type { StepAction } from './action.ts'

/**
 * The action of a step with `tools:`: an agent of the step's own asks the model and makes the calls. Only a step that
 * asks a model for a text can have them. A name that no tool has is reported.
 */
export function askWithTools(
  { work }: StepAction,
  names: readonly AuthoredName[],
  step: StepSpec,
  toolbox: Toolbox,
  report: ReportFinding,
): StepAction | undefined {
  const at = [...step.path, 'tools']
  if (work.type !== 'text') {
    const message = '`tools:` is only for a step that asks a model: `action: generate` or `action: analyze_text`'
    report('not_supported', at, message, { step: step.id })
    return undefined
  }
  refuseModelKeys(step, report)
  if (work.action === 'structured' || work.action === 'extract')
    report('not_supported', at, `\`${step.action}\` cannot have \`tools:\`, since an agent answers with a text`, {
      step: step.id,
      hint: TWO_STEPS,
    })
  const tools = [...new Set(names.flatMap((name) => toolsNamed(name, step, toolbox, report)))]
  reportRefused(tools, step, toolbox, report)
  const { action, parameters } = work
  return { work: { type: 'ask', tool: 'agent', parameters, model: { action, tools } }, effect: 'pure' }
}

/** Reports tools that no provider takes. The agent of a step has a tool of its own that reads long results. */
function reportRefused(
  names: readonly string[],
  { id, path }: StepSpec,
  toolbox: Toolbox,
  report: ReportFinding,
): void {
  const tools = new Set(names.flatMap((name) => toolsIn(name, toolbox)))
  if (tools.size + 1 > MAX_TOOLS)
    report(
      'not_supported',
      [...path, 'tools'],
      `${tools.size} tools for one model, at most ${MAX_TOOLS - 1} are allowed`,
      { step: id, hint: 'Name single operations, such as `filesystem:read`.' },
    )
  for (const tool of tools) {
    const schema = acceptableSchema(anyInputSchemaOf(tool))
    // servers and plugins may declare anything: their other tools are offered
    const code = isCodeTool(tool) ? 'not_supported' : 'tool_unavailable'
    if ('fault' in schema)
      report(code, [...path, 'tools'], `\`${tool.name}\` cannot be offered to a model: ${schema.fault}`, { step: id })
  }
}

function toolsIn(name: string, toolbox: Toolbox): readonly Tool[] {
  const [owner = '', operation] = splitAt(name, name.indexOf(':'))
  const operations = operation === undefined ? toolbox.operations(owner) : [operation]
  if (operations.length === 0) return [toolbox.find(owner)].filter((tool) => tool !== undefined)
  return operations.flatMap((one) => toolbox.find(owner, one) ?? [])
}

const TWO_STEPS = 'Let a second step without `tools:` give its answer that form.'

/** Parameters of a single answer. An agent asks its model in rounds, so they have no effect there. */
const OF_ONE_ANSWER = ['schema', 'files', 'temperature', 'max_tokens', 'max_completion_tokens']

function refuseModelKeys({ id, path, parameters, parametersPath, cache }: StepSpec, report: ReportFinding): void {
  const format = parameters.response_format ?? 'text'
  const given = OF_ONE_ANSWER.filter((name) => parameters[name] !== undefined && parameters[name] !== null)
  for (const name of format === 'text' ? given : [...given, 'response_format'])
    report('not_supported', [...parametersPath, name], `\`${name}\` is not supported together with \`tools:\``, {
      step: id,
      hint: name === 'files' ? 'Let the model read files: tools: [filesystem:read].' : TWO_STEPS,
    })
  if (cache !== undefined && cache !== false)
    report('not_supported', [...path, 'cache'], '`cache:` is not supported together with `tools:`', { step: id })
}

/** Our tools for a name of the list, which may be one of another product. */
function toolsNamed(
  { text, path }: AuthoredName,
  { id }: StepSpec,
  toolbox: Toolbox,
  report: ReportFinding,
): readonly string[] {
  const [, asked] = /^(?:agent|hand_off):(.+)$/.exec(text) ?? []
  if (asked !== undefined) {
    const hint = `Ask it in a step of its own: action: agent, parameters: { agent: ${asked}, goal: … }`
    report('not_supported', path, `\`${text}\` is not a tool of this list`, { step: id, hint })
    return []
  }
  const ofServer = serverName(text, toolbox)
  if (ofServer && 'fault' in ofServer) {
    report('unknown_tool', path, ofServer.fault, { step: id, hint: ofServer.hint })
    return []
  }
  if (ofServer) return ownTool(ofServer.name, { text, path }, id, toolbox, report)
  const known = toolsOfName(text)
  if (known?.length === 0)
    report('tool_unavailable', path, `the tool \`${text}\` has no counterpart here and is ignored`, { step: id })
  return known ?? ownTool(text, { text, path }, id, toolbox, report)
}

function ownTool(
  name: string,
  { text, path }: AuthoredName,
  step: string,
  toolbox: Toolbox,
  report: ReportFinding,
): readonly string[] {
  const [owner = '', operation] = splitAt(name, name.indexOf(':'))
  const found = operation === undefined ? undefined : toolbox.find(owner, operation)
  if (operation === undefined ? !toolbox.has(owner) : !found) {
    report('unknown_tool', path, `there is no tool \`${text}\``, { step, hint: hintFor(name, owner, toolbox) })
    return []
  }
  return [found?.name ?? name]
}

const splitAt = (name: string, colon: number) => (colon < 0 ? [name] : [name.slice(0, colon), name.slice(colon + 1)])

function hintFor(name: string, owner: string, toolbox: Toolbox): string {
  const [, base] = /^([^()\s]+)\s*\(/.exec(name) ?? []
  if (base !== undefined) return `Write \`${base}\`: a name with parentheses would give the tool as a whole.`
  const operations = toolbox.operations(owner).map((operation) => `${owner}:${operation}`)
  const words = name.includes(':') ? toolbox.list().map((tool) => tool.name) : toolbox.names()
  const near = nearestWord(name, operations.length > 0 ? operations : [...FOREIGN_TOOL_NAMES, ...words])
  return near === undefined ? NO_NEAR_TOOL : `Did you mean \`${near}\`?`
}

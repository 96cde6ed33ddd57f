import type { Json } from '../../../kernel/schema.ts'
import type { EffectClass } from '../../../kernel/types.ts'
import { SECRET_SCHEME, secretsIn } from '../../../secret/names.ts'
import { type CallbackTraits, isCallbackTool } from '../../../step/messages/callback.ts'
import type { StepParameters } from '../../../step/record/outcome.ts'
import { adviceOn, completed } from '../../../tool/advice.ts'
import { hashOfCode } from '../../../tool/plugin/code-tool.ts'
import { hasTemplate } from '../../../tool/secrets.ts'
import { effectClassOf, type Tool } from '../../../tool/tool.ts'
import { NO_NEAR_TOOL, type Toolbox } from '../../../tool/toolbox.ts'
import type { CallbackWork, StepWork } from '../../plan/compiled.ts'
import { didYouMean, suggestOrList } from '../diagnostics/did-you-mean.ts'
import type { DocumentPath, ReportFinding } from '../diagnostics/finding.ts'
import type { StepSpec } from '../parse/pipeline-spec.ts'
import { isBuiltinAction, resolveBuiltinAction } from './builtin-actions.ts'
import { askWithTools } from './model-tools.ts'
import { splitOpaque } from './opaque-parameters.ts'
import { suggestToolCall } from './tool-names.ts'
import { checkParameters, checkValues } from './tool-parameters.ts'

/** The work of a step, and whether it may be repeated. */
export type StepAction = { readonly work: StepWork; readonly effect: EffectClass }

/** The action of a step. One that is unknown, not built or lacks a parameter is reported; the result is undefined. */
export function resolveAction(step: StepSpec, toolbox: Toolbox, report: ReportFinding): StepAction | undefined {
  const action =
    step.tool === undefined ? resolveBuiltinAction(step, toolbox, report) : toolAction(step, step.tool, toolbox, report)
  if (action) checkSecrets(step.parameters, action.work.type === 'tool', step, report)
  return action && step.tools ? askWithTools(action, step.tools, step, toolbox, report) : action
}

// tools

function toolAction(step: StepSpec, name: string, toolbox: Toolbox, report: ReportFinding): StepAction | undefined {
  const called = resolveToolCall(step, name, toolbox)
  const { operation, parameters } = called
  const tool = toolbox.find(name, operation)
  if (!tool) return refuseTool(step, name, called, toolbox, report)
  checkCapabilities(tool, step, report)
  checkParameters(tool, parameters, step, report)
  reportAdvice(tool, parameters, step, report)
  checkValues(tool, parameters, step, report)
  if (isCallbackTool(tool)) return { work: callbackWork(tool, parameters), effect: tool.effect }
  const code = hashOfCode(tool)
  return {
    work: {
      type: 'tool',
      tool: name,
      ...(operation !== undefined && { operation }),
      parameters: completed(tool, parameters),
      ...(code !== undefined && { code }),
    },
    effect: effectClassOf(tool, parameters),
  }
}

/** Reports what a step requires and its tool does not say that it has. */
function checkCapabilities({ name, capabilities = [] }: Tool, step: StepSpec, report: ReportFinding): void {
  for (const { text, path } of step.capabilities ?? []) {
    if (capabilities.includes(text)) continue
    const hint =
      suggestOrList(text, capabilities, 'capabilities') ?? `\`${name}\` names none: defineTool({ capabilities: […] }).`
    report('missing_capability', path, `tool \`${name}\` does not have the capability \`${text}\``, {
      step: step.id,
      hint,
    })
  }
}

function callbackWork(tool: Tool & CallbackTraits, parameters: StepParameters): CallbackWork {
  const { rendered, opaque } = splitOpaque(tool, parameters)
  return {
    type: 'ask',
    tool: tool.name,
    parameters: rendered,
    ...(Object.keys(opaque).length > 0 && { opaque }),
    ...(tool.files !== undefined && { files: tool.files }),
  }
}

/** The operation and parameters of a tool call. `path`: the path of its operation. */
type ResolvedToolCall = {
  readonly operation?: string
  readonly parameters: StepParameters
  readonly path: DocumentPath
}

/** The operation is `action:`. If that is missing, `execute` or prose, `parameters.action` may state the operation. */
export function resolveToolCall(
  { action, parameters, path, parametersPath }: StepSpec,
  name: string,
  toolbox: Toolbox,
): ResolvedToolCall {
  const { action: named, ...rest } = parameters
  const isSaid = action !== undefined && action !== 'execute' && !/\s/.test(action)
  if (!isSaid && typeof named === 'string' && toolbox.operations(name).length > 0)
    return { operation: named.trim(), parameters: rest, path: [...parametersPath, 'action'] }
  const operation = isSaid || toolbox.find(name, action) ? action : undefined
  return { ...(operation !== undefined && { operation }), parameters, path: [...path, 'action'] }
}

function reportAdvice(
  tool: Tool,
  parameters: StepParameters,
  { id, parametersPath }: StepSpec,
  report: ReportFinding,
): void {
  for (const { parameter, message, hint, refused, warning, note } of adviceOn(tool, parameters)) {
    const at = [...parametersPath, parameter]
    const code = refused ?? warning ?? note
    if (code) report(code, at, message, { step: id, hint })
    else report('would_fail', at, `the step would fail: ${message}`, { step: id, hint })
  }
}

function refuseTool(
  step: StepSpec,
  name: string,
  { operation, path }: ResolvedToolCall,
  toolbox: Toolbox,
  report: ReportFinding,
): undefined {
  const operations = toolbox.operations(name)
  const about = { step: step.id }
  if (!toolbox.has(name)) {
    const action = `\`${name}\` is an action, not a tool: write \`action: ${name}\` without \`tool:\`.`
    const hint = isBuiltinAction(name)
      ? action
      : (suggestToolCall(name, toolbox) ?? didYouMean(name, toolbox.names()) ?? NO_NEAR_TOOL)
    report('unknown_tool', [...step.path, 'tool'], `there is no tool \`${name}\``, { ...about, hint })
  } else if (operation === undefined) {
    const hint = `Choose one with \`action:\`: ${operations.join(', ')}.`
    report('unknown_operation', [...step.path, 'tool'], `tool \`${name}\` has more than one operation`, {
      ...about,
      hint,
    })
  } else {
    const hint = suggestOrList(operation, operations, 'operations') ?? 'Remove `action:`.'
    report('unknown_operation', path, `tool \`${name}\` has no operation \`${operation}\``, { ...about, hint })
  }
}

/** Reports secrets that would not be inserted: beside a template, or where no tool is called. */
function checkSecrets(parameters: StepParameters, isTool: boolean, step: StepSpec, report: ReportFinding): void {
  for (const { text, at } of textsIn(parameters, step.parametersPath)) {
    const [name = namedByTemplate(text)] = secretsIn(text)
    if (name === undefined) continue
    const which = `\`${SECRET_SCHEME}${name}\``
    if (!isTool && text.startsWith(SECRET_SCHEME))
      report('not_supported', at, `${which} is not inserted here: only tools get secrets`, { step: step.id })
    if (isTool && hasTemplate(text))
      report('not_supported', at, `${which} is not inserted next to a template: data could name another secret there`, {
        step: step.id,
        hint: 'Put it into a separate value; for a command, into `env:`.',
      })
  }
}

/** A placeholder for a name from a template: nothing would be inserted, and the tool would get the raw text. */
const namedByTemplate = (text: string) => (/secret:\/\/(?:\{[{%]|<AUTO\b)/.test(text) ? '…' : undefined)

type PlacedText = { readonly text: string; readonly at: DocumentPath }

function textsIn(value: Json | undefined, at: DocumentPath): readonly PlacedText[] {
  if (typeof value === 'string') return [{ text: value, at }]
  if (typeof value !== 'object' || value === null) return []
  return Object.entries(value).flatMap(([key, item]) =>
    textsIn(item, [...at, Array.isArray(value) ? Number(key) : key]),
  )
}

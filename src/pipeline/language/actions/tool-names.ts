import { ownValue } from '../../../lib/own.ts'
import type { Toolbox } from '../../../tool/toolbox.ts'
import type { ReportFinding } from '../diagnostics/finding.ts'
import type { StepSpec } from '../parse/pipeline-spec.ts'

/** A step whose action means a tool, rewritten with that tool; any other step unchanged. */
export function resolveToolName(step: StepSpec, toolbox: Toolbox): StepSpec {
  return asExtractAction(spellTool(step, toolbox))
}

/** The operation of `validation` that asks a model becomes an action of its own. */
function asExtractAction(step: StepSpec): StepSpec {
  if (step.tool !== 'validation') return step
  const { tool: _, ...rest } = step
  const { action = 'execute', parameters } = step
  const { action: named = action, ...others } = parameters
  const wanted = action === 'execute' ? named : action
  if (wanted !== 'extract_structured') return step
  return { ...rest, action: wanted, parameters: action === 'execute' ? others : parameters }
}

/** Warns of parameters beside an action that already contains its text. */
export function warnIgnoredParameters(
  { id, action = '', parameters, parametersPath }: StepSpec,
  spelled: StepSpec,
  report: ReportFinding,
): void {
  if (spelled.tool !== 'echo' || spelled.parameters.action !== action || parameters === spelled.parameters) return
  const [word] = action.split(/\s/)
  for (const name of Object.keys(parameters))
    report(
      'unknown_parameter',
      [...parametersPath, name],
      `\`${name}\` is ignored: the text after \`${word}\` is the message`,
      { key: true, step: id },
    )
}

function spellTool(step: StepSpec, toolbox: Toolbox): StepSpec {
  const { tool, action = '' } = step
  if (/^!\s*\S/.test(action) && (tool ?? 'terminal') === 'terminal')
    return { ...withoutAction(step), tool: 'terminal', parameters: { command: action, ...step.parameters } }
  if (tool !== undefined || action === '') return step
  if (ECHO_ACTION.test(action)) return echoStep(step, action)
  const name = ownValue(TOOL_ALIASES, action) ?? action.replaceAll('_', '-')
  if (toolbox.has(name)) return { ...withoutAction(step), tool: name, said: action }
  const [, path] = WRITE_TO_FILE_ACTION.exec(action) ?? []
  if (path === undefined) return step
  return { ...step, tool: 'filesystem', action: 'write', parameters: { path, ...step.parameters } }
}

const ECHO_ACTION = /^(echo|print|display|show|output)\s/

/** Whether the text of an action may follow it on the same line. */
export const takesInlineText = (word: string) => ECHO_ACTION.test(`${word} `)

const WRITE_TO_FILE_ACTION = /^(?:write|save)\s[\s\S]*\sto\s+(?:file\s+)?([^\s{]*\{\{[\s\S]*|(?=\S*[./])\S+)$/i

/** Actions that mean a tool with another name. */
export const TOOL_ALIASES: { readonly [action: string]: string | undefined } = {
  file: 'filesystem',
  process: 'data-processing',
  validate: 'validation',
  echo: 'debug',
  print: 'debug',
  log: 'debug',
}

const withoutAction = ({ action: _, ...step }: StepSpec): StepSpec => step

/** The text stays where it is, so that findings point to it; the tool removes the word before it. */
function echoStep(step: StepSpec, action: string): StepSpec {
  return { ...withoutAction(step), tool: 'echo', parameters: { action }, parametersPath: step.path }
}

/** How to write a tool and operation that were joined in one word, as `filesystem.read`; undefined for other words. */
export function suggestToolCall(word: string, toolbox: Toolbox): string | undefined {
  const [, tool = '', operation] = /^([\w-]+)[:./](\w+)$/.exec(word.trim()) ?? []
  const isThere = operation !== undefined && toolbox.operations(tool).includes(operation)
  return isThere ? `Write \`tool: ${tool}\`, \`action: ${operation}\`.` : undefined
}

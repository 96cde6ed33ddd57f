import type { EffectClass } from '../../kernel/types.ts'
import { effectOf } from '../../tool/effect.ts'
import type { Tool } from '../../tool/tool.ts'
import type { Toolbox } from '../../tool/toolbox.ts'
import type { Parameters, Work } from '../compiled.ts'
import type { Report } from '../findings.ts'
import { suggestOrList } from '../spec/suggest.ts'
import type { StepSpec } from '../spec.ts'
import { builtinAction } from './builtin.ts'
import { checkParameters } from './parameters.ts'

/** What a step does and how that may be repeated. */
export type Action = { readonly work: Work; readonly effect: EffectClass }

/** The action of a step; what is unknown, not built or lacks a parameter is reported, and then there is none. */
export function actionOf(step: StepSpec, toolbox: Toolbox, report: Report): Action | undefined {
  return step.tool === undefined ? builtinAction(step, report) : toolAction(step, step.tool, toolbox, report)
}

// tools

function toolAction(step: StepSpec, name: string, toolbox: Toolbox, report: Report): Action | undefined {
  const { operation, parameters } = operationOf(step, name, toolbox)
  const tool = toolbox.find(name, operation)
  if (!tool) return refuseTool(step, name, operation, toolbox, report)
  checkParameters(tool, parameters, step, report)
  return {
    work: { type: 'tool', tool: name, ...(operation !== undefined && { operation }), parameters },
    effect: classOf(tool, parameters),
  }
}

/** Where `action:` says nothing, `parameters.action` may. */
function operationOf(
  { action, parameters }: StepSpec,
  name: string,
  toolbox: Toolbox,
): { operation?: string; parameters: Parameters } {
  const { action: named, ...rest } = parameters
  const mayNameIt = action === undefined || action === 'execute'
  if (mayNameIt && typeof named === 'string' && toolbox.find(name, named)) return { operation: named, parameters: rest }
  return { ...(action !== undefined && { operation: action }), parameters }
}

function classOf(tool: Tool, parameters: Parameters): EffectClass {
  return effectOf(tool, parameters)
}

function refuseTool(
  step: StepSpec,
  name: string,
  operation: string | undefined,
  toolbox: Toolbox,
  report: Report,
): undefined {
  const operations = toolbox.operations(name)
  const about = { step: step.id }
  if (!toolbox.names().includes(name)) {
    const hint = suggestOrList(name, toolbox.names(), 'tools')
    report('unknown_tool', [...step.path, 'tool'], `there is no tool \`${name}\``, { ...about, hint })
  } else if (operation === undefined) {
    const hint = `give it an action: ${operations.join(', ')}`
    report('unknown_operation', [...step.path, 'tool'], `tool \`${name}\` has more than one operation`, {
      ...about,
      hint,
    })
  } else {
    const hint = suggestOrList(operation, operations, 'operations') ?? 'leave `action:` out'
    report('unknown_operation', [...step.path, 'action'], `tool \`${name}\` has no operation \`${operation}\``, {
      ...about,
      hint,
    })
  }
}

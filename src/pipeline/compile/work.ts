import type { EffectClass } from '../../kernel/types.ts'
import { effectOf } from '../../tool/effect.ts'
import type { Tool } from '../../tool/tool.ts'
import type { Toolbox } from '../../tool/toolbox.ts'
import type { Parameters, Work } from '../compiled.ts'
import type { Report } from '../findings.ts'
import { didYouMean, suggestOrList } from '../spec/suggest.ts'
import type { StepSpec } from '../spec.ts'
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

// actions without a tool

const GENERATE = ['generate', 'generate_text', 'generate-text', 'llm_call', 'llm_generate', 'llm', 'generate_code']
const ANALYZE = ['analyze', 'analyze_text', 'analyze-text']
const LATER: { readonly [action: string]: string | undefined } = {
  generate_structured: undefined,
  'generate-structured': undefined,
  filesystem: 'write tool: filesystem with its action:',
  file: 'write tool: filesystem with its action:',
  process: undefined,
  'data-processing': undefined,
  validate: undefined,
  validation: undefined,
  evaluate_condition: 'use condition: on a step',
  control_flow: undefined,
  loop_complete: undefined,
  capture_result: undefined,
  create_parallel_queue: 'use for_each: with max_parallel:',
  action_loop: undefined,
  web_search: undefined,
  debug: undefined,
  report_generator: undefined,
}

function builtinAction(step: StepSpec, report: Report): Action | undefined {
  const { action = '', parameters, parametersPath } = step
  const needs = (...names: string[]) => {
    if (names.some((name) => parameters[name] !== undefined)) return
    const message = `\`${action}\` needs \`${names.join('` or `')}\``
    report('missing_parameter', parametersPath, message, { step: step.id })
  }
  if (GENERATE.includes(action)) {
    needs('prompt')
    return { work: { type: 'text', action: 'generate', parameters }, effect: 'idempotent' }
  }
  if (ANALYZE.includes(action)) {
    needs('text', 'prompt')
    return { work: { type: 'text', action: 'analyze', parameters }, effect: 'idempotent' }
  }
  if (action === 'chain') {
    needs('prompt')
    return { work: { type: 'chain', parameters }, effect: 'pure' }
  }
  return refuseAction(step, action, report)
}

function refuseAction(step: StepSpec, action: string, report: Report): undefined {
  const at = [...step.path, 'action']
  const about = { step: step.id }
  const isLater = Object.hasOwn(LATER, action) || /^(echo|print|display|show|output)\s|<AUTO/.test(action)
  const shown = action.length > 60 ? `${action.slice(0, 60)}…` : action
  if (isLater) {
    report('not_supported', at, `action \`${shown}\` is not supported`, { ...about, hint: LATER[action] })
    return undefined
  }
  const known = [...GENERATE, ...ANALYZE, 'chain']
  const hint =
    didYouMean(action, known) ?? 'actions without a tool: generate_text, analyze_text, chain; else name a `tool:`'
  report('unknown_action', at, `there is no action \`${shown}\``, { ...about, hint })
}

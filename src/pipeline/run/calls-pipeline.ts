import type { Json } from '../../kernel/schema.ts'
import { ownValue } from '../../lib/own.ts'
import { callId, gateOf } from '../../step/messages/call-names.ts'
import { isCallbackTool } from '../../step/messages/callback.ts'
import type { WorkPolicy } from '../../step/policy.ts'
import { OUTPUTS_STEP } from '../../step/record/outcome.ts'
import { effectClassOf, type Tool } from '../../tool/tool.ts'
import type { ToolRequest } from '../../tool/tool-request.ts'
import type { Toolbox } from '../../tool/toolbox.ts'
import type { WriteArea } from '../../tool/writes/area.ts'
import { type ApprovalNeed, needByPolicy, questionAbout } from '../../work/approval/policy.ts'
import type { CompiledPipeline, CompiledStep, StepEdges, StepWork } from '../plan/compiled.ts'
import type { Inputs } from '../plan/inputs.ts'
import type { CallsStart } from '../plan/messages/run-start.ts'

/** Calls as a pipeline, and the inputs of its run: the parameters of each call, by its step. */
type CallsPipeline = { readonly pipeline: CompiledPipeline; readonly inputs: Inputs }

/**
 * A pipeline that makes each call in a step of its own, all side by side. A call of a tool that does not exist, or with
 * parameters that its schema refuses, becomes a step that fails and says so.
 */
export function callsPipeline(start: Omit<CallsStart, 'type'>, toolbox: Toolbox, area?: WriteArea): CallsPipeline {
  const calls = start.calls.map((call, index) => ({ ...call, id: call.id ?? callId(index) }))
  const steps = calls.flatMap((call) => stepsOf(call, start, toolbox, area))
  const name = calls.length === 1 ? calls[0]!.tool : `${calls.length} calls`
  const undo = start.onFailure === 'undo'
  return {
    pipeline: {
      id: name,
      name,
      names: [],
      inputs: Object.fromEntries(calls.map(({ id }) => [id, { type: 'object', required: true }])),
      roots: steps.filter(([, { edges }]) => edges.needs.length === 0).map(([node]) => node),
      size: steps.length,
      // a goal reads how each of its calls ended, and no outputs
      steps: {
        ...Object.fromEntries(steps),
        ...(start.origin?.goal === undefined && { [OUTPUTS_STEP]: outputsStep(calls) }),
      },
      ...(undo && { undo }),
      ...((undo || calls.some(({ tool }) => findCalledTool(toolbox, tool)?.undo)) && { undoable: true }),
    },
    inputs: Object.fromEntries(calls.map(({ id, parameters = {} }) => [id, parameters])),
  }
}

type NamedCall = ToolRequest & { readonly id: string }
type StepEntry = readonly [node: string, step: CompiledStep]

/** The step of a call, and before it the gate of a person where one must approve. */
function stepsOf(
  call: NamedCall,
  { approve, also, onFailure, code }: Omit<CallsStart, 'type'>,
  toolbox: Toolbox,
  area: WriteArea | undefined,
): StepEntry[] {
  const { id, parameters = {}, timeout, retry, when } = call
  const tool = findCalledTool(toolbox, call.tool)
  const hash = ownValue(code ?? {}, call.tool)
  // the effect of a tool that this process lacks is not known: a person approves the call, and it is made once
  const isAbsent = tool === undefined && hash !== undefined
  const effect = tool ? effectClassOf(tool, parameters) : isAbsent ? 'at-most-once' : 'pure'
  const gate = gateOf(id)
  const need = isAbsent
    ? approve !== 'none' && {}
    : tool && needByPolicy(tool, parameters, approve ?? 'default', also, area)
  const isGated = Boolean(need)
  const from = isGated
    ? `{{ ${gate}.modified_content if ${gate}.action == 'modify' else inputs.${id} }}`
    : `{{ inputs.${id} }}`
  const step: CompiledStep = {
    id,
    work: workOf(call, tool, from, hash),
    edges: isGated ? { needs: [gate], dependents: [], reads: [gate] } : NO_EDGES,
    policy: {
      effect,
      attempts: effect === 'at-most-once' ? 1 : 1 + (retry ?? 2),
      ...(retry !== undefined && { retryReported: true }),
      ...(timeout !== undefined && { timeout: timeout * 1000 }),
      ...(when && { when }),
      ...(area && tool?.changes && !isGated && approve !== 'none' && { writesWithin: 'area' as const }),
    },
    ...(onFailure === 'continue' && { recovery: { onFailure } }),
    ...(isGated && { routing: { condition: `{{ ${gate}.approved }}` } }),
  }
  return need
    ? [
        [gate, gateStep(gate, call, tool?.name ?? call.tool, need)],
        [id, step],
      ]
    : [[id, step]]
}

const NO_EDGES: StepEdges = { needs: [], dependents: [], reads: [] }
const PURE: WorkPolicy = { effect: 'pure', attempts: 3 }

function gateStep(id: string, call: NamedCall, tool: string, need: ApprovalNeed): CompiledStep {
  const parameters = { content: `{{ inputs.${call.id} }}`, allow_modifications: true, content_for: tool }
  // a condition in the title is shown, and not rendered
  const work: StepWork = {
    type: 'ask',
    tool: 'approval-gate',
    parameters,
    opaque: { title: questionAbout(call.tool, need) },
  }
  return { id, work, edges: { needs: [], dependents: [call.id], reads: [] }, policy: PURE }
}

function workOf(
  { tool: name }: ToolRequest,
  tool: Tool | undefined,
  parametersFrom: string,
  code: string | undefined,
): StepWork {
  const given = { parameters: {}, parametersFrom }
  if (tool && isCallbackTool(tool))
    return { type: 'ask', tool: tool.name, ...given, ...(tool.files !== undefined && { files: tool.files }) }
  const [main, operation] = splitName(name)
  return {
    type: 'tool',
    tool: main,
    ...(operation !== undefined && { operation }),
    ...given,
    ...(code !== undefined && { code }),
  }
}

/** The results of the calls by their steps; null where one made none. */
function outputsStep(calls: readonly NamedCall[]): CompiledStep {
  const values: { [id: string]: Json } = {}
  for (const { id } of calls) values[id] = `{{ ${id}.result | default(none) }}`
  return {
    id: OUTPUTS_STEP,
    work: { type: 'outputs', values },
    edges: { needs: [], dependents: [], reads: calls.map(({ id }) => id) },
    policy: PURE,
  }
}

/** The tool that a call names; undefined when there is none. */
export function findCalledTool(toolbox: Toolbox, name: string): Tool | undefined {
  return toolbox.find(...splitName(name))
}

function splitName(name: string): [tool: string, operation?: string] {
  const colon = name.indexOf(':')
  return colon < 0 ? [name] : [name.slice(0, colon), name.slice(colon + 1)]
}

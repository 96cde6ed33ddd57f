import type { EffectClass } from '../kernel/types.ts'
import { present } from '../lib/json/present.ts'
import { ownValue } from '../lib/own.ts'
import type { StartPart } from '../run/run.ts'
import { callId } from '../step/messages/call-names.ts'
import { isCallbackTool } from '../step/messages/callback.ts'
import type { WorkPolicy } from '../step/policy.ts'
import type { StepParameters } from '../step/record/outcome.ts'
import { effectClassOf } from '../tool/tool.ts'
import type { ToolRequest } from '../tool/tool-request.ts'
import { findCalledTool, type Toolbox } from '../tool/toolbox.ts'
import type { WriteArea } from '../tool/writes/area.ts'
import { type ApprovalNeed, needByPolicy } from '../work/approval/policy.ts'
import type { CallsStart } from './messages.ts'

/** The calls of a run as they were planned when it began; their parameters are the inputs of the run. */
export type CallsPlan = Pick<CallsStart, 'approve' | 'also' | 'onFailure'> & {
  readonly name: string
  readonly calls: readonly ListedCall[]
  /** a tool can undo its calls: they record the state before them */
  readonly undoable?: true
}

/** A call, and what its tool said when the run began. */
export type ListedCall = Omit<ToolRequest, 'id' | 'parameters'> & {
  readonly id: string
  readonly effect: EffectClass
  /** the tool is code of a program: the hash of its parameters */
  readonly code?: string
  /** an actor or a person completes it */
  readonly asks?: true
  /** why a person approves it first; absent: no policy says so */
  readonly need?: ApprovalNeed
  /** no person approves it, so it writes only in the folders under `writes:` */
  readonly writesWithin?: 'area'
}

export type PlannedStart = StartPart & { readonly plan: CallsPlan }

export type CallInputs = { readonly [step: string]: StepParameters }

/** The parameters of calls, by their steps. */
export const inputsOf = (calls: CallsStart['calls']): CallInputs =>
  Object.fromEntries(calls.map(({ id, parameters = {} }, index) => [id ?? callId(index), parameters]))

/** Plans calls, all side by side. A call of a tool that does not exist becomes a step that fails and says so. */
export function planCalls(
  start: Omit<CallsStart, 'type'>,
  toolbox: Pick<Toolbox, 'find'>,
  area?: WriteArea,
): CallsPlan {
  const { calls, approve, also, onFailure } = start
  const isUndoable = onFailure === 'undo' || calls.some(({ tool }) => findCalledTool(toolbox, tool)?.undo)
  return {
    name: calls.length === 1 ? calls[0]!.tool : `${calls.length} calls`,
    calls: calls.map((call, index) => planCall({ ...call, id: call.id ?? callId(index) }, start, toolbox, area)),
    ...present({ approve, also, onFailure }),
    ...(isUndoable && { undoable: true }),
  }
}

function planCall(
  { parameters = {}, ...call }: ToolRequest & { readonly id: string },
  { approve = 'default', also, code = {} }: Omit<CallsStart, 'type'>,
  toolbox: Pick<Toolbox, 'find'>,
  area: WriteArea | undefined,
): ListedCall {
  const tool = findCalledTool(toolbox, call.tool)
  const hash = ownValue(code, call.tool)
  // the effect of a tool that this process lacks is not known: a person approves the call, and it is made once
  const isAbsent = tool === undefined && hash !== undefined
  const absentNeed = isAbsent && approve !== 'none' ? {} : undefined
  const need = tool ? needByPolicy(tool, parameters, approve, also, area) : absentNeed
  return {
    ...call,
    effect: tool ? effectClassOf(tool, parameters) : isAbsent ? 'at-most-once' : 'pure',
    ...(hash !== undefined && { code: hash }),
    ...(tool && isCallbackTool(tool) && { asks: true }),
    ...(need && { need }),
    ...(area && tool?.changes && !need && approve !== 'none' && { writesWithin: 'area' }),
  }
}

/** How a call is attempted. */
export function policyOf({ effect, retry, timeout, when, writesWithin }: ListedCall): WorkPolicy {
  return {
    effect,
    attempts: effect === 'at-most-once' ? 1 : 1 + (retry ?? 2),
    ...(retry !== undefined && { retryReported: true }),
    ...(timeout !== undefined && { timeout: timeout * 1000 }),
    ...(when && { when }),
    ...(writesWithin && { writesWithin }),
  }
}

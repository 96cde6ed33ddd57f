import { TerminalError } from '../../errors.ts'
import { lackOfCode } from '../../tool/plugin/code-tool.ts'
import type { Tool } from '../../tool/tool.ts'
import { findCalledTool, type Toolbox } from '../../tool/toolbox.ts'
import type { ApprovalNeed } from '../../work/approval/policy.ts'
import { codeMissing } from '../../work/code-wait.ts'
import { callForOf } from '../../work/origin/call-for.ts'
import { mustPropagate } from '../../work/suspension.ts'
import { writeLimit } from '../approval/call-parameters.ts'
import { makeCall, parametersOfCall, ruledParameters } from '../approval/ruled-call.ts'
import { gateQuestion } from '../attempt/gate-question.ts'
import type { PendingCallback } from '../attempt/outcome.ts'
import { requestOfTool } from '../attempt/request.ts'
import type { StepAttempt } from '../attempt/work.ts'
import type { StepContext, StepResult, StepServices } from '../call/context.ts'
import { allowedRoots } from '../call/permissions.ts'
import { OWN_CALL } from '../messages/call-decision.ts'
import type { WorkPolicy } from '../policy.ts'
import type { StepParameters } from '../record/outcome.ts'

/** A call of a tool by its name with values: no text in them is rendered, and no secret is inserted. */
export type PlainCall = {
  readonly tool: string
  /** the tool is code of a program: the hash of its parameters */
  readonly code?: string
  /** an actor or a person completes it */
  readonly asks?: true
}

/** The terms of an attempt beside its start. `call`: absent if it calls code of its own. */
type PlainTerms = Pick<StepContext, 'definition' | 'kind' | 'acts'> & {
  readonly policy: WorkPolicy
  readonly call: PlainCall | undefined
  readonly need?: ApprovalNeed | undefined
}

/** The context of an attempt without templates, and without files of its own. */
export async function plainContext(
  { services, start, call, self, emit, spent = [], time, notes = [] }: StepAttempt,
  { call: called, need, ...terms }: PlainTerms,
): Promise<StepContext> {
  const tool = () => called && findCalledTool(services.toolbox, called.tool)
  const callFor = callForOf(start.run, start.step, services.values)
  return {
    services,
    start,
    call,
    self,
    emit,
    spent,
    time,
    notes,
    ...terms,
    name: start.step,
    callName: OWN_CALL,
    models: {},
    reasons: {},
    need,
    roots: allowedRoots(services, start.run, writeLimit(tool, terms.policy, { start, callName: OWN_CALL })),
    callFor: callFor instanceof Promise ? await callFor : callFor,
  }
}

/** Makes a call with the parameters that a person approved, otherwise with its own. */
export async function makePlainCall(
  call: PlainCall,
  own: () => Promise<StepParameters>,
  context: StepContext,
): Promise<StepResult> {
  const tool = findTool(call, context.services)
  const given = { written: NOTHING_WRITTEN, parameters: await own() }
  const { written, parameters } = await parametersOfCall(tool, given.written, () => given, context)
  if (!call.asks) return makeCall({ tool, written, parameters }, context)
  const ruled = await ruledParameters(tool, { written, parameters }, context)
  const ask = () => requestOfTool(tool, ruled.parameters, context)
  const { begin, counted } = context.call
  return begin && !counted ? begin(ask) : ask()
}

/** The author wrote none of the values. */
export const NOTHING_WRITTEN: StepParameters = {}

/** The question to a person before a call. A call that cannot be asked about reports that itself. */
export async function gateOfPlainCall(
  attempt: Pick<StepAttempt, 'call' | 'services'>,
  call: PlainCall,
  own: () => Promise<StepParameters>,
  context: () => Promise<StepContext>,
): Promise<PendingCallback | undefined> {
  return unlessFaulty(attempt, async () => {
    const given = { written: NOTHING_WRITTEN, parameters: await own() }
    return gateQuestion(findTool(call, attempt.services), given, await context(), OWN_CALL)
  })
}

/** Asks nothing where the question cannot be made: the call reports the fault, and is not made without a decision. */
export async function unlessFaulty(
  { call: { signal } }: Pick<StepAttempt, 'call'>,
  ask: () => Promise<PendingCallback | undefined>,
): Promise<PendingCallback | undefined> {
  try {
    return await ask()
  } catch (error) {
    if (signal.aborted || mustPropagate(error)) throw error
    return undefined
  }
}

/** The tool of a call; undefined: there is none of that name. The step waits for code that this process lacks. */
export function calledTool(call: PlainCall, { toolbox }: { readonly toolbox: Toolbox }): Tool | undefined {
  const found = findCalledTool(toolbox, call.tool)
  if (call.code === undefined) return found
  const needed = { tool: call.tool, hash: call.code }
  const lack = lackOfCode(needed, found)
  if (lack === undefined) return found
  throw codeMissing(lack, needed)
}

/** The tool of a call. TerminalError when it no longer exists. */
export function findTool(call: PlainCall, services: Pick<StepServices, 'toolbox'>): Tool {
  const found = calledTool(call, services)
  if (found) return found
  throw new TerminalError(`The tool ${call.tool}, which this run was started with, no longer exists.`, {
    code: 'unknown_tool',
  })
}

import type { Tool } from '../../tool/tool.ts'
import { asksItself } from '../../work/approval/policy.ts'
import { type CallDecision, OWN_CALL } from '../messages/call-decision.ts'
import type { RunContext, StepStart } from '../messages/step-start.ts'

/** The tool of a step, and whether its order says that a person approves its call first. */
type CallFacts = { readonly tool?: Tool | undefined; readonly isGated?: boolean }

/** Whether the call of a step may wait for a person: a fast path of everything that shares turns. */
export function mayAsk({ tool, isGated }: CallFacts, run: Pick<RunContext, 'approve'>) {
  return isGated === true || run.approve !== undefined || (tool !== undefined && mayWait(tool, run))
}

export const mayWait = (tool: Tool, { approve }: Pick<RunContext, 'approve'>) =>
  approve !== undefined || asksItself(tool)

/** The approved parameters of a step's own call, if a person was asked. */
export function ownDecision(start: Pick<StepStart, 'decisions'>): CallDecision | undefined {
  return start.decisions?.[OWN_CALL]
}

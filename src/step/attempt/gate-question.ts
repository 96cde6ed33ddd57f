import { findNonJson, type Json } from '../../kernel/json.ts'
import { parseInput } from '../../tool/input.ts'
import type { Tool } from '../../tool/tool.ts'
import type { ApprovalNeed } from '../../work/approval/policy.ts'
import { type TitledTool, titleOfCall } from '../../work/approval/title.ts'
import { needOfCall } from '../approval/call-parameters.ts'
import { approvalTool, CALL_GATE } from '../approval/decide-call.ts'
import { ruledParameters } from '../approval/ruled-call.ts'
import type { StepContext } from '../call/context.ts'
import { checkDenied, checkPermission } from '../call/permissions.ts'
import type { AuthoredParameters } from '../call/tool-call.ts'
import { callSignal } from '../messages/call-decision.ts'
import type { CallbackRequest } from '../messages/callback.ts'
import type { StepParameters } from '../record/outcome.ts'
import { storeRef } from '../values.ts'
import type { PendingCallback } from './outcome.ts'

/** The question to a person before a call; undefined: nobody has to approve it. */
export async function gateQuestion(
  tool: Tool,
  given: AuthoredParameters,
  context: StepContext,
  call: string,
): Promise<PendingCallback | undefined> {
  const { services, start } = context
  checkDenied(tool, given.parameters, start.run)
  checkPermission(tool, services, start.run)
  const ruled = await ruledParameters(tool, given, context, true)
  // a rule does not spare a person the question
  const need = (await needOfCall(tool, ruled, context)) ?? (ruled !== given && (await needOfCall(tool, given, context)))
  if (!need) return undefined
  const { parameters } = ruled
  return approvalQuestion({ tool, need, parameters, call, signal: callSignal(start.step) }, context)
}

/** A call that a person must approve, and the signal that does. */
type NeededApproval = {
  readonly tool: TitledTool
  readonly need: ApprovalNeed
  readonly parameters: StepParameters
  readonly call: string
  readonly signal: string
}

/** The question about a call that a person must approve. */
export async function approvalQuestion(
  { tool, need, parameters, call, signal }: NeededApproval,
  context: StepContext,
): Promise<PendingCallback> {
  const question = await approvalOf(tool, need, parameters, context)
  return {
    type: 'ask',
    asking: CALL_GATE,
    tool: tool.name,
    question: { ...question, to: { signal }, memo: { call, gate: question.memo ?? null } },
    key: context.call.idempotencyKey,
    attempts: 0,
    parameters: await storeRef(context.services.values, parameters),
  }
}

/** The question that an `approval-gate` before this call would ask. */
async function approvalOf(
  tool: TitledTool,
  need: ApprovalNeed,
  content: StepParameters,
  context: StepContext,
): Promise<CallbackRequest> {
  const approval = approvalTool(context.services)
  const shown = context.services.secrets?.hide(content) ?? content
  const title = titleOfCall(tool, await argumentsOf(tool, shown), need)
  const given = { title, content, allow_modifications: true, content_for: tool.name }
  const input = await parseInput(approval, given)
  return (await approval.asking.ask(input, context)) as CallbackRequest
}

/** The arguments for a title: as the tool gets them, or as they were given where these do not fit or are no JSON. */
async function argumentsOf({ input, title }: TitledTool, given: StepParameters): Promise<Json> {
  if (input === undefined || title === undefined) return given
  try {
    const parsed = await parseInput({ input }, given)
    return findNonJson(parsed) ? given : (parsed as Json)
  } catch {
    return given
  }
}

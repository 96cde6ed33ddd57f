import { approvalTool, CALL_GATE } from '../../../step/attempt/decide-call.ts'
import type { PendingCallback } from '../../../step/attempt/outcome.ts'
import { checkDenied, checkPermission } from '../../../step/call/permissions.ts'
import { callSignal } from '../../../step/messages/call-decision.ts'
import type { CallbackRequest } from '../../../step/messages/callback.ts'
import { fairnessKey } from '../../../step/messages/step-start.ts'
import type { StepParameters } from '../../../step/record/outcome.ts'
import { storeRef } from '../../../step/values.ts'
import { type ApprovalNeed, questionAbout } from '../../../tool/agents/approval-policy.ts'
import { parseInput } from '../../../tool/input.ts'
import type { Tool } from '../../../tool/tool.ts'
import { mustPropagate } from '../../../work/suspension.ts'
import { contextAt, type PipelineAttempt, positionOf } from '../attempt.ts'
import type { PipelineContext } from '../context.ts'
import { findReusable } from '../reuse.ts'
import { isTrue } from '../templates/render.ts'
import { addThreadRendering, NeedsThread, NO_RENDERINGS } from '../templates/render-in-thread.ts'
import { createMemoryHold } from '../values/memory-gate.ts'
import { calledTool, needOfCall, renderedCall } from './called-tool.ts'

/**
 * The question to a person before the call of a step that must be
 * approved; undefined if there is no such call. Makes no call.
 */
export async function findCallGate(attempt: PipelineAttempt, call: string): Promise<PendingCallback | undefined> {
  const hold = createMemoryHold(attempt.services, attempt.call.signal)
  try {
    return await gateOf({ ...attempt, hold }, call)
  } finally {
    hold.leave()
  }
}

async function gateOf(attempt: PipelineAttempt, call: string): Promise<PendingCallback | undefined> {
  const { start } = attempt
  try {
    const place = positionOf(await attempt.open(), attempt)
    if (calledTool(place.step.work, attempt.services) === undefined) return undefined
    if (start.run.recorded && !attempt.as && (await findReusable(attempt, start.run.recorded)).reusable)
      return undefined
    const context = await contextAt(attempt, place, attempt.made ?? NO_RENDERINGS)
    const condition = context.step.routing?.condition
    if (condition !== undefined && !isTrue(condition, context.pipeline, context.scope)) return undefined
    return await questionOf(context, call)
  } catch (error) {
    if (NeedsThread.is(error)) {
      const made = await addThreadRendering(error, { share: fairnessKey(start), signal: attempt.call.signal })
      return gateOf({ ...attempt, made }, call)
    }
    if (attempt.call.signal.aborted || mustPropagate(error)) throw error
    // the step itself reports the fault, and makes no call without a decision
    return undefined
  }
}

async function questionOf(context: PipelineContext, call: string): Promise<PendingCallback | undefined> {
  const { services, start, step } = context
  const tool = calledTool(step.work, services)
  if (!tool) return undefined
  const given = renderedCall(tool, context)
  const { parameters } = given
  checkDenied(tool, parameters, start.run)
  checkPermission(tool, services, start.run)
  const need = await needOfCall(tool, given, context)
  if (!need) return undefined
  const question = await approvalOf(tool, need, parameters, context)
  return {
    type: 'ask',
    asking: CALL_GATE,
    tool: tool.name,
    question: {
      ...question,
      to: { signal: callSignal(start.step) },
      memo: { call, gate: question.memo ?? null },
    },
    key: context.call.idempotencyKey,
    attempts: 0,
    parameters: await storeRef(services.values, parameters),
  }
}

/** The question that an `approval-gate` before this call would ask. */
async function approvalOf(
  tool: Tool,
  need: ApprovalNeed,
  content: StepParameters,
  context: PipelineContext,
): Promise<CallbackRequest> {
  const approval = approvalTool(context.services)
  const title = questionAbout(tool.name, need)
  const given = { title, content, allow_modifications: true, content_for: tool.name }
  const input = await parseInput(approval, given)
  return (await approval.asking.ask(input, context)) as CallbackRequest
}

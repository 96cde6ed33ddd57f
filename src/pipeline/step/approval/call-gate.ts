import { gateQuestion } from '../../../step/attempt/gate-question.ts'
import type { PendingCallback } from '../../../step/attempt/outcome.ts'
import { fairnessKey } from '../../../step/messages/step-start.ts'
import { mustPropagate } from '../../../work/suspension.ts'
import { contextAt, type PipelineAttempt, positionOf } from '../attempt.ts'
import { findReusable } from '../reuse.ts'
import { isTrue } from '../templates/render.ts'
import { addThreadRendering, NeedsThread, NO_RENDERINGS } from '../templates/render-in-thread.ts'
import { createMemoryHold } from '../values/memory-gate.ts'
import { calledTool, renderedCall } from './called-tool.ts'

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
    const tool = calledTool(place.step.work, attempt.services)
    if (tool === undefined) return undefined
    if (start.run.recorded && !attempt.as && (await findReusable(attempt, start.run.recorded)).reusable)
      return undefined
    const context = await contextAt(attempt, place, attempt.made ?? NO_RENDERINGS)
    const condition = context.step.routing?.condition
    if (condition !== undefined && !isTrue(condition, context.pipeline, context.scope)) return undefined
    return await gateQuestion(tool, renderedCall(tool, context), context, call)
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

import { gateQuestion } from '../../../step/attempt/gate-question.ts'
import type { PendingCallback } from '../../../step/attempt/outcome.ts'
import { mustPropagate } from '../../../work/suspension.ts'
import { contextAt, type PipelineAttempt, positionOf, withHold } from '../attempt.ts'
import { findReusable } from '../reuse.ts'
import { isTrue } from '../templates/render.ts'
import { NeedsThread, NO_RENDERINGS } from '../templates/render-in-thread.ts'
import { calledTool, renderedCall } from './called-tool.ts'

/** The question to a person before a call of a step that must be approved; undefined: there is none. Makes no call. */
export const findCallGate = (attempt: PipelineAttempt, call: string): Promise<PendingCallback | undefined> =>
  withHold(attempt, (held) => gateOf(held, call))

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
    if (NeedsThread.is(error) || attempt.call.signal.aborted || mustPropagate(error)) throw error
    // the step itself reports the fault, and makes no call without a decision
    return undefined
  }
}

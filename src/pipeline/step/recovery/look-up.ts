import type { CallLookUp } from '../../../step/attempt/call-look-up.ts'
import { lookUpByTool } from '../../../step/suspend/look-up-by-tool.ts'
import { scopeOf } from '../../../template/template.ts'
import { checkResult } from '../../../tool/plugin/result.ts'
import { calledTool } from '../approval/called-tool.ts'
import { openContext, type PipelineAttempt, positionOf } from '../attempt.ts'
import { isTrue, renderAll } from '../templates/render.ts'

/** The look-up of its call that a step has in its pipeline. */
export async function lookUpOfStep(attempt: PipelineAttempt): Promise<CallLookUp | undefined> {
  const { step } = positionOf(await attempt.open(), attempt)
  if (!step.lookUp) return undefined
  const tool = calledTool(step.work, attempt.services)!
  return lookUpByTool(
    step.lookUp,
    (found) => checkResult(tool, found),
    async () => {
      const context = await openContext(attempt)
      const { pipeline, scope } = context
      return {
        context,
        value: (value, names) => renderAll(value, pipeline, scopeOf(names, scope), ['look_up']),
        holds: (condition, names) => isTrue(condition, pipeline, scopeOf(names, scope)),
      }
    },
  )
}

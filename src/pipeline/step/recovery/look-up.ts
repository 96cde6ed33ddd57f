import type { CallLookUp } from '../../../step/attempt/call-look-up.ts'
import { lookUpByTool } from '../../../step/suspend/look-up-by-tool.ts'
import type { TemplateScope } from '../../../template/template.ts'
import { checkResult } from '../../../tool/plugin/result.ts'
import { calledTool } from '../approval/called-tool.ts'
import { openContext, type PipelineAttempt, positionOf } from '../attempt.ts'
import { isTrue, renderAll } from '../templates/render.ts'

/** The look-up of its call that a step has in its pipeline. */
export async function lookUpOfStep(attempt: PipelineAttempt): Promise<CallLookUp | undefined> {
  const { step } = positionOf(await attempt.open(), attempt)
  if (!step.lookUp) return undefined
  const context = await openContext(attempt)
  const { pipeline, scope, services } = context
  const tool = calledTool(step.work, services)!
  return lookUpByTool(step.lookUp, context, (found) => checkResult(tool, found), {
    value: (value, names) => renderAll(value, pipeline, withNames(scope, names), ['look_up']),
    holds: (condition, names) => isTrue(condition, pipeline, withNames(scope, names)),
  })
}

/** A scope with the names of a map over its own. */
const withNames = (scope: TemplateScope, names: { readonly [name: string]: unknown }): TemplateScope => ({
  get: (name) => (Object.hasOwn(names, name) ? names[name] : scope.get(name)),
})

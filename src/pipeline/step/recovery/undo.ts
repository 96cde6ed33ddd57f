import type { Effects, Turn } from '../../../kernel/types.ts'
import type { StepState } from '../../../step/attempt/step-state.ts'
import { OWN_CALL } from '../../../step/messages/call-decision.ts'
import { stateBefore } from '../../../step/undo/undo-step.ts'
import { undoSteps } from '../../../step/undo/undo-steps.ts'
import type { ValueRef } from '../../../step/values.ts'
import { callForOf } from '../../../work/origin/call-for.ts'
import { compiledStepAt, openPipeline } from '../../plan/compiled.ts'
import { instanceOf, parseInstance } from '../../plan/instance.ts'
import type { PipelineUndoStart } from '../../plan/messages/step-order.ts'
import { callParameters } from '../approval/called-tool.ts'
import type { PipelineAttempt } from '../attempt.ts'
import type { PipelineServices } from '../context.ts'
import { isTrue } from '../templates/render.ts'
import { templateScope } from '../templates/scope.ts'
import { loadValues } from '../values/step-values.ts'
import { toolNamedBy } from '../work-facts.ts'

/** Undoes the steps of a run of a pipeline that called tools and may have changed something. */
export function undoPipelineSteps(
  services: PipelineServices,
  start: PipelineUndoStart,
  effects: Effects,
): Promise<Turn<StepState>> {
  const openCalls = async () => {
    const pipeline = await openPipeline(services.values, start.work.order.pipeline)
    return (id: string) => {
      const instance = parseInstance(pipeline, id)
      const { work, policy } = (instance && compiledStepAt(pipeline, instance.node)) ?? {}
      if (work?.type !== 'tool' || policy?.effect === 'pure') return undefined
      return { tool: toolNamedBy(work, services), written: work.parameters }
    }
  }
  return undoSteps(services, start, openCalls, effects)
}

/** The state that a tool captures before it acts for the first time, so that its action can be undone. */
export async function prepareUndo(attempt: PipelineAttempt): Promise<ValueRef | null> {
  const { services, open, start } = attempt
  const pipeline = await open()
  const instance = instanceOf(pipeline, start.step)
  const step = compiledStepAt(pipeline, instance.node)
  const tool = toolNamedBy(step.work, services)
  if (!tool?.prepare) return null
  const { inputs, reads, lists } = await loadValues(pipeline, instance, start, services)
  const loops = start.work.order.loop?.views ?? {}
  const scope = templateScope({ pipeline, instance, inputs, reads, run: start.run, loops, lists })
  const condition = step.routing?.condition
  if (condition !== undefined && !isTrue(condition, pipeline, scope)) return null
  const callFor = await callForOf(start.run, start.step, services.values)
  const call = { services, step, pipeline, scope, start, callName: OWN_CALL, callFor }
  return stateBefore(tool, await callParameters(tool, call), attempt)
}

import type { Problem } from '../../../errors.ts'
import type { Effects } from '../../../kernel/types.ts'
import { ownValue } from '../../../lib/own.ts'
import { ownDecision } from '../../../step/approval/may-ask.ts'
import type { UntriedStep } from '../../../step/attempt/work.ts'
import { isOfGoal, presentCode } from '../../../step/plain/changed-code.ts'
import type { CompiledPipeline, CompiledStep, ToolWork } from '../../plan/compiled.ts'
import type { OpenPipeline, PipelineAttempt } from '../attempt.ts'
import { nameOfTool } from './called-tool.ts'

/** A step before its attempt. */
type PlannedStep = Pick<PipelineAttempt, 'services' | 'open' | 'start'> & Pick<UntriedStep, 'paused'>

/** The parts of a step that differ with the code that its goal has taken; `problem`: it fails with it. */
type WithCode = Partial<Pick<PlannedStep, 'open' | 'start'>> & { readonly problem?: Problem }

/** The step with the present code of its tool, as `presentCode` finds it. */
export function withPresentCode(planned: PlannedStep, effect: string, effects: Effects): WithCode | Promise<WithCode> {
  return isOfGoal(planned) ? codeForGoal(planned, effect, effects) : AS_PLANNED
}

const AS_PLANNED: WithCode = {}

async function codeForGoal(planned: PlannedStep, effect: string, effects: Effects): Promise<WithCode> {
  const { open, start } = planned
  const pipeline = await open()
  const step = ownValue(pipeline.steps, start.step)
  if (step?.work.type !== 'tool' || step.work.code === undefined) return AS_PLANNED
  const { work } = step
  const call = { tool: nameOfTool(work), code: work.code! }
  const isAsked = ownDecision(start) !== undefined
  const found = await presentCode({ ...planned, call, isAsked, parameters: async () => ({}) }, effect, effects)
  if (!found) return AS_PLANNED
  if ('problem' in found) return found
  return { open: opener(pipeline, step, work, found.code), start: { ...start, policy: found.policy } }
}

/** Opens the pipeline with another hash of the code of a step; undefined: the tool is looked for by its name alone. */
function opener(
  pipeline: CompiledPipeline,
  step: CompiledStep,
  work: ToolWork,
  hash: string | undefined,
): OpenPipeline {
  const { code: _, ...rest } = work
  const changed: CompiledStep = { ...step, work: { ...rest, ...(hash !== undefined && { code: hash }) } }
  const opened = { ...pipeline, steps: { ...pipeline.steps, [step.id]: changed } }
  return () => opened
}

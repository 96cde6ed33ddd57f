import { limitsCalls } from '../../step/attempt/turns.ts'
import type { StepFacts } from '../../step/attempt/work.ts'
import type { Toolbox } from '../../tool/toolbox.ts'
import type { CompiledPipeline, StepWork } from '../plan/compiled.ts'
import { stepOf } from '../plan/instance.ts'
import type { PipelineServices } from './context.ts'

export function factsOfStep(pipeline: CompiledPipeline, step: string, services: PipelineServices): StepFacts {
  const { work, recovery } = stepOf(pipeline, step)
  const tool = toolNamedBy(work, services)
  return {
    kind: kindOf(work),
    tool,
    isPaid: work.type === 'tool' ? tool?.paid === true : work.type === 'text',
    isRecovered: recovery?.recoveries !== undefined,
    isLimited: () => work.type === 'tool' && limitsCalls(services.pool, tool?.name ?? work.tool, work.parameters),
  }
}

/** The tool that a step names, with whatever code it has here. */
export const toolNamedBy = (work: StepWork | undefined, { toolbox }: { readonly toolbox: Pick<Toolbox, 'find'> }) =>
  work?.type === 'tool' ? toolbox.find(work.tool, work.operation) : undefined

/** The kind of work: a tool with its operation, or an action. */
export function kindOf(work: StepWork): string {
  if (work.type !== 'tool') return `:${work.type === 'text' ? work.action : work.type}`
  return work.operation === undefined ? work.tool : `${work.tool}:${work.operation}`
}

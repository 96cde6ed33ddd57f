import type { CompiledStep } from '../compiled.ts'
import type { PipelineSpec } from '../spec.ts'

type Steps = { readonly [node: string]: CompiledStep }

/** The steps with what the whole pipeline says where they say nothing: its model, its timeout. */
export function withDefaults(steps: Steps, spec: PipelineSpec): Steps {
  if (spec.model === undefined && spec.timeout === undefined) return steps
  return Object.fromEntries(Object.entries(steps).map(([node, step]) => [node, fill(step, spec)]))
}

function fill(step: CompiledStep, { model, timeout }: PipelineSpec): CompiledStep {
  const { work } = step
  if (!('parameters' in work)) return step
  const needsModel = work.type === 'text' && model !== undefined && work.parameters.model === undefined
  return {
    ...step,
    ...(needsModel && { work: { ...work, parameters: { ...work.parameters, model } } }),
    ...(step.timeout === undefined && timeout !== undefined && { timeout }),
  }
}

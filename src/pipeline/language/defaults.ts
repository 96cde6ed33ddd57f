import type { CompiledStep } from '../plan/compiled.ts'
import type { PipelineSpec } from './parse/pipeline-spec.ts'

type Steps = { readonly [node: string]: CompiledStep }

/** The steps with what the whole pipeline says where they say nothing: its timeout. */
export function withDefaults(steps: Steps, { timeout }: PipelineSpec): Steps {
  if (timeout === undefined) return steps
  return Object.fromEntries(Object.entries(steps).map(([node, step]) => [node, fill(step, timeout)]))
}

function fill(step: CompiledStep, timeout: number): CompiledStep {
  return 'parameters' in step.work && step.timeout === undefined ? { ...step, timeout } : step
}

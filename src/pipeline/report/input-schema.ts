import type { Json } from '../../kernel/schema.ts'
import type { CompiledPipeline } from '../plan/compiled.ts'
import type { InputSpec } from '../plan/inputs.ts'

export type PipelineInputSchema = {
  readonly type: 'object'
  readonly properties: { readonly [name: string]: { readonly [keyword: string]: Json } }
  readonly required: readonly string[]
}

/** Describes the inputs that a run of the pipeline takes. */
export function pipelineInputSchema({ inputs }: Pick<CompiledPipeline, 'inputs'>): PipelineInputSchema {
  const named = Object.entries(inputs)
  return {
    type: 'object',
    properties: Object.fromEntries(named.map(([name, spec]) => [name, propertyOf(spec)])),
    required: named.flatMap(([name, { required }]) => (required ? [name] : [])),
  }
}

function propertyOf(spec: InputSpec): { readonly [keyword: string]: Json } {
  const { type, description, choices, range, rules = {} } = spec
  const { min = range?.[0], max = range?.[1], min_length, max_length, pattern } = rules
  return {
    ...(type !== 'any' && { type: type === 'path' ? 'string' : type }),
    ...(description !== undefined && { description }),
    ...(spec.default !== undefined && { default: spec.default }),
    ...(choices && { enum: choices }),
    ...(min !== undefined && { minimum: min }),
    ...(max !== undefined && { maximum: max }),
    ...(min_length !== undefined && { minLength: min_length }),
    ...(max_length !== undefined && { maxLength: max_length }),
    ...(pattern !== undefined && { pattern }),
  }
}

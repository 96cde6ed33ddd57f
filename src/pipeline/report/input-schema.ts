import type { Json } from '../../kernel/schema.ts'
import { present } from '../../lib/json/present.ts'
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
    ...present({ description, default: spec.default, enum: choices, minimum: min, maximum: max }),
    ...present({ minLength: min_length, maxLength: max_length, pattern }),
  }
}

import { z } from 'zod'
import type { ModelUse } from '../../pipeline/plan/model-use.ts'
import { maybe, schemaOf } from './basic.ts'

export const dollars = z.number().min(0).max(1_000_000_000).meta({ description: 'dollars' })

/** The use of a model by a step. */
export const modelUse = schemaOf<ModelUse>()(
  z
    .object({
      for: z.string(),
      model: z.string(),
      why: z.string(),
      input: z.number().meta({ description: 'tokens' }),
      output: z.number().meta({ description: 'tokens' }),
      cost: maybe(z.number()).meta({ description: 'dollars' }),
      estimated: maybe(z.literal(true)).meta({ description: 'the provider did not report the tokens' }),
      standard: maybe(z.literal(true)),
      cached: maybe(z.literal(true)).meta({ description: 'reply from the cache' }),
      failed: maybe(z.string()),
      instead_of: maybe(z.array(z.object({ model: z.string(), code: z.string() }))),
      lacks: maybe(z.array(z.string())),
    })
    .meta({ id: 'ModelUse' }),
)

import { z } from 'zod'
import type { ModelFit } from '../../model/choose/choose.ts'
import type { ToolDescription } from '../../tool/describe.ts'
import { json, maybe, type Plain, schemaOf } from './basic.ts'

const summary = {
  name: z.string(),
  description: z.string(),
  effect: z.enum(['pure', 'idempotent', 'at-most-once']),
  missing: maybe(z.string()).meta({ description: 'what this version lacks; absent if the tool works' }),
}

type ToolSummary = Pick<ToolDescription, 'name' | 'description' | 'effect' | 'missing'>

/** An entry in a list of tools. */
export const toolSummary = schemaOf<ToolSummary>()(z.object(summary).meta({ id: 'ToolSummary' }))

const field = z
  .object({
    name: z.string(),
    type: z.string(),
    required: z.boolean(),
    default: maybe(json),
    description: maybe(z.string()),
  })
  .meta({ id: 'ToolField' })

/** A tool with its parameters and results. `input` and `output` are JSON Schemas. */
export const toolDescription = z
  .object({
    ...summary,
    parameters: maybe(z.array(field)),
    results: maybe(z.array(field)),
    input: maybe(z.record(z.string(), json)),
    output: maybe(z.record(z.string(), json)),
  })
  .meta({ id: 'Tool' }) as unknown as z.ZodType<ToolDescription>

/** Whether a model meets the requirements. */
export const judgement = schemaOf<ModelFit>()(
  z
    .object({
      id: z.string(),
      fits: z.boolean(),
      why: z.array(z.string()).meta({ description: 'reasons why it does not' }),
    })
    .meta({ id: 'Judgement' }),
)

export const modelSummary = z
  .object({
    id: z.string(),
    offline: z.boolean().meta({ description: 'prompts stay on the server' }),
    default: maybe(z.literal(true)).meta({ description: 'used if a request names no model' }),
  })
  .meta({ id: 'Model' })

/** An available model; `provider/*` stands for every model of that provider. */
export type ModelSummary = Plain<typeof modelSummary>

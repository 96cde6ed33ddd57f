import { z } from 'zod'
import { maybe, type Plain } from '../../document.ts'

export const modelSummary = z
  .object({
    id: z.string(),
    offline: z.boolean().meta({ description: 'prompts stay on the server' }),
    default: maybe(z.literal(true)).meta({ description: 'used if a request names no model' }),
  })
  .meta({ id: 'Model' })

/** An available model; `provider/*` stands for every model of that provider. */
export type ModelSummary = Plain<typeof modelSummary>

import { z } from 'zod'
import { parseInput, type Taker } from '../../../tool/input.ts'
import type { Parameters } from '../../plan/compiled.ts'

const tokens = z.int().min(1).nullish()
const format = z.enum(['text', 'json', 'json_object', 'json_schema'])
const withSchema = z.looseObject({ json_schema: z.looseObject({ schema: z.record(z.string(), z.unknown()) }) })
const input = z.looseObject({
  temperature: z.number().min(0).nullish(),
  max_tokens: tokens,
  max_completion_tokens: tokens,
  response_format: z.union([format, z.looseObject({ type: format }), withSchema]).nullish(),
})

/** How a model is to answer; null is as if it were not there. */
export const settings: Taker = { input }

/** What bounds an answer; templates may have made texts of the numbers. InvalidError for one that will not do. */
export function boundsIn(parameters: Parameters): { readonly temperature?: number; readonly maxTokens?: number } {
  const { temperature = null, max_tokens = null, max_completion_tokens = null } = parameters
  const read = parseInput(settings, { temperature, max_tokens, max_completion_tokens }) as z.infer<typeof input>
  const maxTokens = read.max_tokens ?? read.max_completion_tokens
  return {
    ...(typeof maxTokens === 'number' && { maxTokens }),
    ...(typeof read.temperature === 'number' && { temperature: read.temperature }),
  }
}

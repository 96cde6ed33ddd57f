import { z } from 'zod'
import { schemaFault } from '../../lib/json/schema-fault.ts'
import type { JsonSchema } from '../prompt/task.ts'
import { unusableSchema } from './unusable-schema.ts'

/** Why a JSON Schema cannot be used to check values, or exceeds its limits; undefined: it can be used. Pure. */
export function problemOfSchema(schema: JsonSchema): string | undefined {
  const unusable = unusableSchema(schema)
  if (unusable !== undefined) return unusable
  try {
    z.fromJSONSchema(schema)
    return undefined
  } catch (error) {
    return schemaFault(error)
  }
}

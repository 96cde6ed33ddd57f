import { z } from 'zod'

const percent = z.number().min(0).max(100)

/** `health:`: limits beyond which the process counts as degraded. */
export const healthSchema = z.strictObject({
  eventLoopMs: z.number().positive().max(3_600_000).exactOptional(),
  heapPercent: percent.exactOptional(),
  filesPercent: percent.exactOptional(),
  freeDiskPercent: percent.exactOptional(),
})

const jsonSchema = z.record(z.string(), z.json()).superRefine((schema, context) => {
  try {
    z.fromJSONSchema(schema as Parameters<typeof z.fromJSONSchema>[0])
  } catch (error) {
    context.addIssue({ code: 'custom', message: `expected a JSON Schema: ${(error as Error).message}` })
  }
})

/** `environments:`: the JSON Schema of an environment, by its name. */
export const environmentsSchema = z.record(
  z.string().regex(/^[A-Za-z0-9_][\w.-]{0,99}$/, 'expected letters, digits, dots, hyphens and underscores'),
  z.strictObject({ schema: jsonSchema }),
)

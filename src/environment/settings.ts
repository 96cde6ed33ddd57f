import { z } from 'zod'
import { schemaFault } from '../lib/json/schema-fault.ts'
import { timeSpanSchema } from '../lib/time/span-schema.ts'

const jsonSchema = z.record(z.string(), z.json()).superRefine((schema, context) => {
  try {
    z.fromJSONSchema(schema as Parameters<typeof z.fromJSONSchema>[0])
  } catch (error) {
    context.addIssue({ code: 'custom', message: `expected a JSON Schema: ${schemaFault(error)}` })
  }
})

const MAX_SNAPSHOT_SECONDS = 3650 * 86_400
const snapshotSpan = timeSpanSchema.refine(
  (seconds) => seconds >= 1 && seconds <= MAX_SNAPSHOT_SECONDS,
  'expected a time from 1s to 3650d',
)

/** The keys of antiphon.yaml for environments, by name: the JSON Schema, and how often the state is saved. */
export const environmentSettings = {
  environments: z
    .record(
      z.string().regex(/^[A-Za-z0-9_][\w.-]{0,99}$/, 'expected letters, digits, dots, hyphens and underscores'),
      z.strictObject({ schema: jsonSchema.exactOptional(), snapshot: snapshotSpan.exactOptional() }),
    )
    .exactOptional(),
}

/** The environments that antiphon.yaml describes, by name. */
export type EnvironmentSettings = z.infer<NonNullable<typeof environmentSettings.environments>>

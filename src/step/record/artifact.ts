import { z } from 'zod'
import { json, maybe, type Plain } from '../../document.ts'
import type { Json } from '../../kernel/json.ts'

export const artifact = z.object({
  location: z.string(),
  kind: maybe(z.string()),
  mime: maybe(z.string()),
  type: maybe(z.string()),
  description: maybe(z.string()),
  schema: maybe(json),
  size: maybe(z.number()),
})

/** A file that a run made. */
export type Artifact = Plain<typeof artifact>

/** The declaration of a file that a step or an output makes. */
export type ArtifactSpec = {
  /** a template: the path of the text form */
  readonly location?: string
  readonly kind?: string
  /** a template: its kind, when only the run knows it */
  readonly format?: string
  /** the author's word for it */
  readonly type?: string
  readonly description?: string
  readonly schema?: Json
  /** bytes */
  readonly limit?: number
}

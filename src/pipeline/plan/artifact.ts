import type { Json } from '../../kernel/schema.ts'

/** A file that a run made. */
export type Artifact = {
  readonly location: string
  readonly kind?: string
  readonly mime?: string
  readonly type?: string
  readonly description?: string
  readonly schema?: Json
  readonly size?: number
}

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

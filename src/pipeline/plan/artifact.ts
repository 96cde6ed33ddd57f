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

/** What a step or an output says of the file it makes. */
export type ArtifactSpec = {
  /** a template: where the text form is kept */
  readonly location?: string
  readonly kind?: string
  /** a template: of which kind it is, where that is told as the run goes */
  readonly format?: string
  /** what its author calls it */
  readonly type?: string
  readonly description?: string
  readonly schema?: Json
  /** bytes */
  readonly limit?: number
}

import type { Json } from '../../kernel/schema.ts'

/** A file that a run made. */
export type Made = {
  readonly location: string
  readonly kind?: string
  readonly mime?: string
  readonly type?: string
  readonly description?: string
  readonly schema?: Json
  readonly size?: number
}

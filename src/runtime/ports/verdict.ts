import type { Json } from '../../kernel/schema.ts'
import type { Finding } from '../../pipeline/language/diagnostics/finding.ts'

/** How to judge a file: with the inputs of a run, and whether an unknown key is an error. */
export type ValidateOptions = {
  readonly inputs?: { readonly [name: string]: Json }
  readonly strict?: boolean
  /** by whose earlier runs it is told what a run takes; absent: `local` */
  readonly owner?: string
}
/** What compiling a file came to: its steps with what each depends on, and all that was found wrong or doubtful. */
export type Verdict = {
  readonly file: string
  readonly valid: boolean
  readonly pipeline?: string
  readonly steps?: { readonly [id: string]: readonly string[] }
  readonly findings: readonly Finding[]
}

import type { Json } from '../../../src/kernel/schema.ts'
import type { FindingCode } from '../../../src/run/finding.ts'

/** A small pipeline, and what it comes to: what the compiler says, and where it runs, what the run says. */
export type Case = {
  readonly yaml: string
  /** what lies beside it */
  readonly files?: { readonly [path: string]: string }
  readonly inputs?: { readonly [name: string]: Json }
  /** another file than the one it is written to */
  readonly file?: string
  /** what people answer, by the name of the signal */
  readonly signals?: { readonly [name: string]: Json }
  /** what a model answers */
  readonly says?: string
  /** codes of all that the compiler says, but for what is implied by templates */
  readonly finds?: readonly FindingCode[]
  /** why it is not started with these inputs */
  readonly refuses?: FindingCode
  /** code of what the run failed with */
  readonly fails?: string
  /** why a step of the run was skipped */
  readonly skips?: string
  /** what the run hands back, as far as it is told here */
  readonly outputs?: object
  /** how a warning about its outputs begins */
  readonly warns?: FindingCode
}

/** A pipeline of these steps, with inputs `n: 3` and `xs: [a, b]`. */
export const steps = (text: string, outputs = ''): string =>
  `name: x\ninputs: { n: 3, xs: [a, b] }\nsteps:${text}${outputs && `\noutputs: ${outputs}`}`

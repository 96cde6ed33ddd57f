import { z } from 'zod'
import { type Comparison, licenceFacts, manifestFacts } from './facts.ts'
import { audited, ledger } from './ledger.ts'
import { comparisonOf } from './verdict.ts'

/** Holds the licence a manifest declares against the licence texts found beside it. */
export const compare = audited({
  name: 'compare',
  description: 'Compares the declared licence of a package with the licence texts found in it.',
  effect: 'pure',
  input: z.strictObject({ manifest: manifestFacts, licence: licenceFacts, ledger }),
  execute: (input): Comparison => comparisonOf(input.manifest, input.licence),
})

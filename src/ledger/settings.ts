import { z } from 'zod'
import type { SettlementTerms } from '../extension/settlement.ts'
import { isSecret } from '../secret/names.ts'

const choir = z.number().min(0.001).max(10_000_000_000)

/** The key of antiphon.yaml for the ledger: `local`, or its limits for a day (UTC) in CHOIR. Absent: it is off. */
export const ledgerSettings = {
  ledger: z
    .union(
      [
        z.literal('local').transform((): LedgerSettings => ({})),
        z.strictObject({
          accountPerDay: choir.exactOptional(),
          allPerDay: choir.exactOptional(),
          sharing: z.literal('public').exactOptional(),
          settlement: z
            .object({ treasury: z.string().min(1).max(200), key: z.string().refine(isSecret) })
            .catchall(z.string().max(500))
            .exactOptional(),
        }),
      ],
      {
        error:
          'expected local, or limits in CHOIR such as { accountPerDay: 500, allPerDay: 100000 }, { sharing: public } or { settlement: { treasury, key: secret://NAME } }',
      },
    )
    .exactOptional(),
}

/**
 * The ledger as antiphon.yaml describes it. Limits in CHOIR for each day (UTC). `sharing`: asks may share prompts.
 * `settlement`: an extension pays citations from this treasury, and signs with the secret that `key` names.
 */
export type LedgerSettings = {
  readonly accountPerDay?: number
  readonly allPerDay?: number
  readonly sharing?: 'public'
  readonly settlement?: SettlementTerms['settings'] & { readonly key: string }
}

import { z } from 'zod'

const choir = z.number().min(0.001).max(10_000_000_000)

/** The key of antiphon.yaml for the ledger: `local`, or its limits for a day (UTC) in CHOIR. Absent: it is off. */
export const ledgerSettings = {
  ledger: z
    .union(
      [
        z.literal('local').transform(() => ({})),
        z.strictObject({ accountPerDay: choir.exactOptional(), allPerDay: choir.exactOptional() }),
      ],
      { error: 'expected local, or limits in CHOIR such as { accountPerDay: 500, allPerDay: 100000 }' },
    )
    .exactOptional(),
}

/** The ledger as antiphon.yaml describes it. Limits in CHOIR for each day (UTC). */
export type LedgerSettings = { readonly accountPerDay?: number; readonly allPerDay?: number }

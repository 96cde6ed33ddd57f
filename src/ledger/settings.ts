import { z } from 'zod'

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
        }),
      ],
      {
        error:
          'expected local, or limits in CHOIR such as { accountPerDay: 500, allPerDay: 100000 }, or { sharing: public }',
      },
    )
    .exactOptional(),
}

/** The ledger as antiphon.yaml describes it. Limits in CHOIR for each day (UTC). `sharing`: asks may share prompts. */
export type LedgerSettings = {
  readonly accountPerDay?: number
  readonly allPerDay?: number
  readonly sharing?: 'public'
}

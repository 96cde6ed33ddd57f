import { z } from 'zod'

const dollars = z.number().min(0).max(1_000_000_000)

/** The key of antiphon.yaml for budgets: default limits of owners in dollars, in total, each day and hour (UTC). */
export const budgetSettings = {
  budgets: z
    .strictObject({ owner: dollars.exactOptional(), day: dollars.exactOptional(), hour: dollars.exactOptional() })
    .exactOptional(),
}

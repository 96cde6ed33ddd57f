import type { Config } from '../../config/config.ts'
import { InvalidError } from '../../errors.ts'

/** Dollars that each owner may spend: in total, a day and an hour (UTC). */
export type OwnerBudgets = NonNullable<Config['budgets']>

/**
 * The configuration with the budgets that a program gives. A budget in antiphon.yaml comes first.
 * @throws InvalidError for an unknown period, and for an amount that is not a number from 0 to 1,000,000,000
 */
export function withBudgets(config: Config, budgets: OwnerBudgets | undefined): Config {
  if (budgets === undefined) return config
  if (typeof budgets !== 'object' || budgets === null) throw wrong('budgets', 'a map', budgets)
  for (const [period, dollars] of Object.entries(budgets)) {
    if (!PERIODS.includes(period)) throw wrong(`budgets.${period}`, `one of ${PERIODS.join(', ')}`, period)
    if (!(typeof dollars === 'number' && dollars >= 0 && dollars <= MAX_DOLLARS))
      throw wrong(`budgets.${period}`, 'dollars as a number', dollars)
  }
  return { ...config, budgets: { ...budgets, ...config.budgets } }
}

const PERIODS: readonly string[] = ['owner', 'day', 'hour'] satisfies (keyof OwnerBudgets)[]
const MAX_DOLLARS = 1_000_000_000

function wrong(path: string, expected: string, found: unknown): InvalidError {
  return new InvalidError(`start: ${path}: expected ${expected}, got ${JSON.stringify(found)}.`, {
    place: { path },
    hint: 'For example: budgets: { day: 1 } for a dollar a day for each owner',
  })
}

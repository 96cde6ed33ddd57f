import type { Config } from '../../config/config.ts'
import { InvalidError } from '../../errors.ts'
import { shown } from '../../lib/shown.ts'

/** Dollars for a million tokens, by model. Without prices of the cache, the usual ones of its provider count. */
export type Prices = {
  readonly [model: string]: {
    readonly input: number
    readonly output: number
    readonly cacheRead?: number
    readonly cacheWrite?: number
  }
}

/**
 * The configuration with the prices that a program gives. A price in antiphon.yaml comes first.
 * @throws InvalidError if a price is not a number from 0 to 1,000,000
 */
export function withPrices(config: Config, prices: Prices): Config {
  const written = config.models ?? []
  const models = Object.entries(prices).map(([id, { input, output, cacheRead, cacheWrite }]) => {
    const cached = { ...(cacheRead !== undefined && { cacheRead }), ...(cacheWrite !== undefined && { cacheWrite }) }
    const cost = { input, output, ...cached }
    for (const [rate, price] of Object.entries(cost)) checkPrice(price, `prices.${id}.${rate}`)
    return { cost, ...written.find((model) => model.id === id), id }
  })
  return { ...config, models: [...written.filter(({ id }) => !Object.hasOwn(prices, id)), ...models] }
}

function checkPrice(price: number, path: string): void {
  if (typeof price === 'number' && price >= 0 && price <= MAX_PRICE) return
  throw new InvalidError(`Expected dollars for a million tokens, got ${shown(price)}.`, {
    place: { path },
    hint: "For example: prices: { 'openai/gpt-5-mini': { input: 0.25, output: 2 } }",
  })
}
const MAX_PRICE = 1_000_000

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
  return new InvalidError(`start: ${path}: expected ${expected}, got ${shown(found)}.`, {
    place: { path },
    hint: 'For example: budgets: { day: 1 } for a dollar a day for each owner',
  })
}

import type { Config } from '../../config/config.ts'
import { InvalidError } from '../../errors.ts'

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
  throw new InvalidError(`Expected dollars for a million tokens, got ${JSON.stringify(price)}.`, {
    place: { path },
    hint: "For example: prices: { 'openai/gpt-5-mini': { input: 0.25, output: 2 } }",
  })
}
const MAX_PRICE = 1_000_000

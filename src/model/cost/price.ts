import type { PromptCache, Usage } from '../request/request.ts'

/**
 * Dollars per million tokens (`input` and `output`, both or neither), per minute of a recording, per million spoken
 * characters, and per drawn picture. `cacheRead` and `cacheWrite` are for the parts of the input that the provider
 * reads from its cache and writes into it for five minutes; absent: as `input`.
 */
export type Price = {
  readonly input?: number
  readonly output?: number
  readonly cacheRead?: number
  readonly cacheWrite?: number
  readonly minute?: number
  readonly characters?: number
  readonly picture?: number
}

/** The unit a call is charged by. */
export type PricingUnit = 'tokens' | 'minute' | 'characters' | 'picture'

/** The rates of a price for this unit. Undefined if unknown. If all known rates are zero, the model is free. */
export function ratesOf(price: Price, by: PricingUnit): readonly number[] | undefined {
  const { input, output } = price
  const rates = (by === 'tokens' ? [input, output] : [price[by]]).filter((rate) => rate !== undefined)
  if (rates.length > 0) return rates
  return isFree(price) ? [0] : undefined
}

/** Whether all stated rates are zero. */
export const isFree = (price: Price): boolean => Object.values(price).every((rate) => rate === 0)

/** The tokens of a call, and its dollars if they are known. */
export type Spent = { readonly usage: Usage; readonly cost?: number }

type Priced = { readonly price?: Price }

/** An hour in the cache costs as much more than five minutes: 2 times the input instead of 1.25 times. */
const HOUR_FACTOR = 2 / 1.25

/** The cost of a call in dollars, if the token price is known. `cacheTime`: how long the cache keeps what it wrote. */
export function costOfTokens(
  { price }: Priced = {},
  { input, output, cacheRead = 0, cacheWrite = 0 }: Pick<Usage, 'input' | 'output' | 'cacheRead' | 'cacheWrite'>,
  cacheTime?: PromptCache,
): number | undefined {
  if (price?.input === undefined || price.output === undefined) return undefined
  const { cacheRead: read = price.input, cacheWrite: write } = price
  const written = write === undefined ? price.input : cacheTime === '1h' ? write * HOUR_FACTOR : write
  const plain = (input - cacheRead - cacheWrite) * price.input
  return (plain + cacheRead * read + cacheWrite * written + output * price.output) / 1_000_000
}

/** The cost of transcribing a recording of that length in dollars, if the minute price is known. */
export function costOfRecording({ price }: Priced = {}, seconds: number): number | undefined {
  return price?.minute === undefined ? undefined : (seconds * price.minute) / 60
}

/** The cost of speaking a text in dollars, if the character price is known. */
export function costOfSpeech({ price }: Priced = {}, text: string): number | undefined {
  return price?.characters === undefined ? undefined : (charactersIn(text) * price.characters) / 1_000_000
}

/** The cost of drawing pictures in dollars, if the price of one is known. */
export function costOfPictures({ price }: Priced = {}, count: number): number | undefined {
  return price?.picture === undefined ? undefined : count * price.picture
}

function charactersIn(text: string): number {
  let count = 0
  for (const _ of text) count++
  return count
}

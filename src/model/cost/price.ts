/** Dollars: for a million tokens (`input` and `output`, both or neither), for a minute of a recording, and for a million characters that are spoken. */
export type Price = {
  readonly input?: number
  readonly output?: number
  readonly minute?: number
  readonly characters?: number
}

/** What calls are paid by: tokens, minutes of a recording, or characters that are spoken. */
export type PricingUnit = 'tokens' | 'minute' | 'characters'

/** What a call that is paid by that costs: each of its rates; undefined where nobody said. What is free in all that is said of it is free. */
export function ratesOf(price: Price, by: PricingUnit): readonly number[] | undefined {
  const { input, output } = price
  const told = (by === 'tokens' ? [input, output] : [price[by]]).filter((rate) => rate !== undefined)
  if (told.length > 0) return told
  return isFree(price) ? [0] : undefined
}

/** Whether none of what is said of it costs anything. */
export function isFree(price: Price): boolean {
  return Object.values(price).every((rate) => rate === 0)
}

type Priced = { readonly price?: Price }
type Tokens = { readonly input: number; readonly output: number }

/** What a call has cost, where the price of tokens is known: dollars. */
export function costOfTokens({ price }: Priced = {}, { input, output }: Tokens): number | undefined {
  if (price?.input === undefined || price.output === undefined) return undefined
  return (input * price.input + output * price.output) / 1_000_000
}

/** What it costs to have a recording of that length written down, where the price of minutes is known: dollars. */
export function costOfRecording({ price }: Priced = {}, seconds: number): number | undefined {
  return price?.minute === undefined ? undefined : (seconds * price.minute) / 60
}

/** What it costs to have a text spoken, where the price of characters is known: dollars. */
export function costOfSpeech({ price }: Priced = {}, text: string): number | undefined {
  return price?.characters === undefined ? undefined : (charactersIn(text) * price.characters) / 1_000_000
}

function charactersIn(text: string): number {
  let count = 0
  for (const _ of text) count++
  return count
}

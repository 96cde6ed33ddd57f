/** What calls of models took in all: tokens, and dollars where prices are known. */
export type Took = {
  readonly tokens: { readonly input: number; readonly output: number }
  readonly cost: number
}

/** What one call took, as far as it is known. */
export type Taking = {
  readonly usage?: { readonly input: number; readonly output: number }
  readonly cost?: number
}

export const NOTHING_TAKEN: Took = { tokens: { input: 0, output: 0 }, cost: 0 }

/** That, and one call more. */
export function plus({ tokens, cost: before }: Took, { usage, cost = 0 }: Taking): Took {
  const { input = 0, output = 0 } = usage ?? {}
  return { tokens: { input: tokens.input + input, output: tokens.output + output }, cost: before + cost }
}

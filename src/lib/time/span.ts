const SECONDS: { readonly [unit: string]: number } = { s: 1, m: 60, h: 3600, d: 86_400 }

export const TIME_SPAN_EXPECTED = 'expected seconds, or a time such as 30m, 2h or 1d'

export const TIME_SPAN_TEXT = /^\d{1,9}(\.\d{1,3})? *[smhd]$/

/** The seconds that a text such as `45s`, `30m`, `2h` or `1d` means. */
export const secondsIn = (text: string): number => Number.parseFloat(text) * SECONDS[text.at(-1)!]!

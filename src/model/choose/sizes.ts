/** Billions of parameters in `7B`, `1.5b`, `350M` or a number; undefined when it is none of these. */
export function sizeOf(text: string | number): number | undefined {
  const [, digits, unit = 'b'] = /^(\d+(?:_\d+)*(?:\.\d+)?)\s*([kmbt])?$/i.exec(String(text).trim()) ?? []
  if (digits === undefined) return undefined
  return numberOf(digits) / { k: 1e6, m: 1e3, b: 1, t: 1e-3 }[unit.toLowerCase()]!
}

/** A number whose digits are perhaps set apart: `32_768`. */
export const numberOf = (digits: string): number => Number(digits.replaceAll('_', ''))

/** Tokens in `100k`, `1M`, `32_768` or a number; undefined when it is none of these. */
export function tokensOf(text: string | number): number | undefined {
  const [, digits, unit = ''] = /^(\d+(?:_\d+)*(?:\.\d+)?)\s*([km])?$/i.exec(String(text).trim()) ?? []
  if (digits === undefined) return undefined
  return Math.round(numberOf(digits) * { '': 1, k: 1e3, m: 1e6 }[unit.toLowerCase()]!)
}

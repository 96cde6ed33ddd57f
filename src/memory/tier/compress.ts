/** How the JSON of records becomes smaller on its way to a tier: decimals of fractions, and keys that are dropped. */
export type Compression = { readonly decimals: number; readonly drop: readonly string[] }

/**
 * Compresses the JSON of a record: fractions are rounded, and objects lose keys, at any depth. Integers and texts stay,
 * and the result is JSON. @throws SyntaxError for a text that is not JSON
 */
export function compress(json: string, { decimals, drop }: Compression): string {
  const dropped = new Set(drop)
  return JSON.stringify(
    JSON.parse(json, (key, value) => {
      if (dropped.has(key)) return undefined
      return typeof value === 'number' && !Number.isInteger(value) ? Number(value.toFixed(decimals)) : value
    }),
  )
}

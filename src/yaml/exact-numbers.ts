import type { Json } from '../kernel/schema.ts'

/** Whole numbers: decimal, octal or hexadecimal. */
const WHOLE = /^(?:[-+]?\d+|0o[0-7]+|0x[\da-f]+)$/i

/**
 * Returns the number, or its text if a number would lose digits: 1098765432109876543 would become
 * 1098765432109876500.
 */
export function exactNumber(value: number, written: string): number | string {
  const isKept = Number.isFinite(value) && (Number.isSafeInteger(value) || !WHOLE.test(written))
  return isKept ? value : written
}

/** Parses JSON. `keep` converts its numbers. */
export function readJson(text: string, keep = exactNumber): Json {
  return mayLosePrecision(text) ? (JSON.parse as Parse)(text, reviveBy(keep)) : (JSON.parse(text) as Json)
}

/** Whether the JSON may contain a number that loses digits. Most JSON does not, and parses several times faster. */
export const mayLosePrecision = (text: string) => LONG.test(text)
const LONG = /\d{16}|e\+?\d{3}/i

/** The parse function with source access, which the TypeScript types do not know yet. */
type Parse = (text: string, revive: ReturnType<typeof reviveBy>) => Json

function reviveBy(keep: typeof exactNumber) {
  return (_key: string, value: Json, { source }: { readonly source?: string }): Json =>
    typeof value === 'number' && source !== undefined ? keep(value, source) : value
}

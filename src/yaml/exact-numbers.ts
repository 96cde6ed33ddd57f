import type { Json } from '../kernel/schema.ts'

/** Whole numbers as they are written, also by eights and sixteens. */
const WHOLE = /^(?:[-+]?\d+|0o[0-7]+|0x[\da-f]+)$/i

/** The number, or how it is written where a number would not have all its digits: 1098765432109876543 is 1098765432109876500. */
export function exactNumber(value: number, written: string): number | string {
  const isKept = Number.isFinite(value) && (Number.isSafeInteger(value) || !WHOLE.test(written))
  return isKept ? value : written
}

/** What JSON says, its numbers as `keep` has them. */
export function readJson(text: string, keep = exactNumber): Json {
  return mayLosePrecision(text) ? (JSON.parse as Parse)(text, reviveBy(keep)) : (JSON.parse(text) as Json)
}

/** Whether JSON may hold a number that is not kept as it is written; nearly all JSON does not, and is read several times as fast. */
export const mayLosePrecision = (text: string) => LONG.test(text)
const LONG = /\d{16}|e\+?\d{3}/i

/** As the language has it, and its types do not yet: who revives sees how a value is written. */
type Parse = (text: string, revive: ReturnType<typeof reviveBy>) => Json

function reviveBy(keep: typeof exactNumber) {
  return (_key: string, value: Json, { source }: { readonly source?: string }): Json =>
    typeof value === 'number' && source !== undefined ? keep(value, source) : value
}

import type { Json } from '../kernel/schema.ts'

/** Whole numbers as they are written, also by eights and sixteens. */
const WHOLE = /^(?:[-+]?\d+|0o[0-7]+|0x[\da-f]+)$/i

/** The number, or how it is written where a number would not have all its digits: 1098765432109876543 is 1098765432109876500. */
export function exact(value: number, written: string): number | string {
  const isKept = Number.isFinite(value) && (Number.isSafeInteger(value) || !WHOLE.test(written))
  return isKept ? value : written
}

/** What JSON says, its numbers kept so. */
export function readJson(text: string): Json {
  return MAY_LOSE.test(text) ? (JSON.parse as Parse)(text, exactly) : (JSON.parse(text) as Json)
}

// to look at each value takes several times as long
const MAY_LOSE = /\d{16}|e\+?\d{3}/i

/** As the language has it, and its types do not yet: who revives sees how a value is written. */
type Parse = (text: string, revive: typeof exactly) => Json

function exactly(_key: string, value: Json, { source }: { readonly source?: string }): Json {
  return typeof value === 'number' && source !== undefined ? exact(value, source) : value
}

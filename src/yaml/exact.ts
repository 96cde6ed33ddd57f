/** Whole numbers as they are written, also by eights and sixteens. */
const WHOLE = /^(?:[-+]?\d+|0o[0-7]+|0x[\da-f]+)$/i

/** The number, or how it is written where a number would not have all its digits: 1098765432109876543 is 1098765432109876500. */
export function exact(value: number, written: string): number | string {
  const isKept = Number.isFinite(value) && (Number.isSafeInteger(value) || !WHOLE.test(written))
  return isKept ? value : written
}

import { attempt } from '../flow/attempt.ts'

/** Whole numbers: decimal, octal or hexadecimal. */
const WHOLE = /^(?:[-+]?\d+|0o[0-7]+|0x[\da-f]+)$/i

/**
 * Returns the number, or its text if a number would lose digits: 1098765432109876543 would become
 * 1098765432109876500. A fraction is the nearest double, as in every JSON reader.
 */
export function exactNumber(value: number, written: string): number | string {
  if (Number.isSafeInteger(value)) return value
  if (!Number.isFinite(value)) return written
  return WHOLE.test(written) || losesWholeDigits(value, written) ? written : value
}

/** Whether a number beyond 2^53 that is not written as a whole number, such as 12345678901234567.89, loses digits. */
function losesWholeDigits(value: number, written: string): boolean {
  return Math.abs(value) > Number.MAX_SAFE_INTEGER && significantDigits(written) !== significantDigits(String(value))
}

/** The end is a scan: a pattern for zeros at an end looks at each zero before it again and again. */
function significantDigits(written: string): string {
  const [mantissa = ''] = written.split(/e/i, 1)
  const digits = mantissa.replace(/[-+._]/g, '').replace(/^0+/, '')
  let end = digits.length
  while (digits[end - 1] === '0') end -= 1
  return digits.slice(0, end)
}

/** Parses JSON so that no number loses digits. `keep` converts its numbers. */
export function parseExact(text: string, keep = exactNumber): unknown {
  return mayLosePrecision(text) ? (JSON.parse as Parse)(text, reviveBy(keep)) : JSON.parse(text)
}

/** The same; undefined if the text is no JSON. */
export const tryParseExact = (text: string): unknown => attempt(() => parseExact(text))

/** The value of a JSON text, with numbers as JavaScript reads them; undefined if the text is no JSON. */
export const tryParse = (text: string): unknown => attempt(() => JSON.parse(text))

/** The JSON with the numbers that would lose digits as texts, for a reader that parses it itself. Other text stays. */
export function withExactNumbers(text: string): string {
  if (!mayLosePrecision(text)) return text
  return attempt(() => JSON.stringify(parseExact(text)), text)
}

/**
 * Whether the JSON may contain a number that loses digits. Most JSON does not, and parses several times faster.
 * The second pattern spares JSON whose long digits are fractions or parts of texts.
 */
export const mayLosePrecision = (text: string) => LONG.test(text) && LONG_NUMBER.test(text)
const LONG = /\d{16}|\d[eE]\+?\d/
const LONG_NUMBER = /(?:^|[[:,\s])-?\d+(?:\d{15}|(?:\.\d+)?[eE]\+?\d)/

/** The parse function with source access, which the TypeScript types do not know yet. */
type Parse = (text: string, revive: ReturnType<typeof reviveBy>) => unknown

function reviveBy(keep: typeof exactNumber) {
  return (_key: string, value: unknown, { source }: { readonly source?: string }): unknown =>
    typeof value === 'number' && source !== undefined ? keep(value, source) : value
}

/** A number that `JSON.stringify` writes as it is given, with all digits. TypeScript does not know it yet. */
export const rawJson = (JSON as unknown as { rawJSON(text: string): unknown }).rawJSON

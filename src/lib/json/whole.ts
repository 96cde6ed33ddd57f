/** Whole numbers beyond the digits of a number are texts of digits. These functions calculate with them exactly. */

const WHOLE = /^\s*([-+]?\d{1,400})\s*$/
const NINE = 57

/** Whether a text is a whole number beyond 2^53. */
export function isLongWhole(value: unknown): value is string {
  // most texts are short or begin with a letter
  if (typeof value !== 'string' || value.length < 16 || value.charCodeAt(0) > NINE) return false
  return WHOLE.test(value) && !isSafe(value)
}

/** The whole number that a number or a text is, by its digits; undefined for a fraction, and for any other value. */
export function wholeOf(value: unknown): bigint | undefined {
  // from 1e21 on, numbers are written with an exponent
  if (typeof value === 'number')
    return Number.isInteger(value) && Math.abs(value) < 1e21 ? BigInt(String(value)) : undefined
  const [, digits] = typeof value === 'string' ? (WHOLE.exec(value) ?? []) : []
  return digits === undefined ? undefined : BigInt(digits.replace('+', ''))
}

/** A whole number as a number, or as the text of its digits when a number would lose some. */
export function fromWhole(whole: bigint): number | string {
  const number = Number(whole)
  return Number.isSafeInteger(number) ? number : String(whole)
}

/** The nearest number that holds all digits, for a text that is a whole number beyond 2^53. */
export const nearestSafe = (digits: string): number =>
  digits.trim().startsWith('-') ? Number.MIN_SAFE_INTEGER : Number.MAX_SAFE_INTEGER

/** The result for two whole numbers; undefined if it is none, or too large. Division rounds down, as in Python. */
export function calculateWhole(operator: WholeOperator, a: bigint, b: bigint): bigint | undefined {
  const rest = b === 0n ? 0n : a % b
  const modulo = rest !== 0n && rest < 0n !== b < 0n ? rest + b : rest
  switch (operator) {
    case '+':
      return a + b
    case '-':
      return a - b
    case '*':
      return a * b
    case '%':
      return b === 0n ? undefined : modulo
    case '//':
      return b === 0n ? undefined : (a - modulo) / b
    case '/':
      return b === 0n || rest !== 0n ? undefined : a / b
    case '**':
      return b >= 0n && Number.isFinite(Number(a) ** Number(b)) ? a ** b : undefined
  }
}
type WholeOperator = '+' | '-' | '*' | '/' | '//' | '%' | '**'

/** Which of two whole numbers is greater, if one of them is beyond 2^53; undefined if doubles can tell. */
export function compareLong(one: unknown, other: unknown): number | undefined {
  if (!isLongWhole(one) && !isLongWhole(other)) return undefined
  const [a, b] = [wholeOf(one), wholeOf(other)]
  if (a === undefined || b === undefined) return undefined
  return a < b ? -1 : a > b ? 1 : 0
}

const isSafe = (text: string) => Number.isSafeInteger(Number(text))

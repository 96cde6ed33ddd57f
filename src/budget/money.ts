import { InvalidError } from '../errors.ts'

/** Money is counted in millionths of a dollar, as whole numbers, so that sums are exact. */
export const MICROS_PER_DOLLAR = 1_000_000

/** A larger amount must be a mistake. */
const MAX_AMOUNT = 1_000_000_000 * MICROS_PER_DOLLAR

/** A text or number of dollars, such as `2.00` or `$0.05`, as whole millionths; InvalidError for anything else. */
export function readDollars(given: string | number, path = 'budget'): number {
  const text = String(given).trim().replace(/^\$/, '')
  const amount = /^\d+(?:\.\d+)?$/.test(text) ? Math.round(Number(text) * MICROS_PER_DOLLAR) : Number.NaN
  if (amount <= MAX_AMOUNT) return amount
  throw new InvalidError(`${JSON.stringify(String(given).slice(0, 80))} is not an amount of dollars.`, {
    place: { path },
    hint: 'Write it as 2.00.',
  })
}

/** An amount for people: at least cents, and no more digits than it has. */
export function formatDollars(amount: number): string {
  const digits = (Math.abs(amount) / MICROS_PER_DOLLAR).toFixed(6).replace(/0{1,4}$/, '')
  return `${amount < 0 ? '-' : ''}$${digits}`
}

/** Dollars as whole millionths, rounded up, so that no cost is underestimated. */
export function amountOf(dollars: number): number {
  // removes floating-point noise such as 3.0000000000000004 before rounding up
  return Math.ceil(Number((dollars * MICROS_PER_DOLLAR).toFixed(3)))
}

import { InvalidError } from '../errors.ts'

/** Base units of a CHOIR. */
const DECIMALS = 9

/** The highest supply in base units: no more is ever minted. */
export const MAX_SUPPLY = 10n ** 19n

/**
 * An amount to book. `field`: its name in errors.
 * @throws InvalidError `bad_amount` for anything but a whole number above zero, as a text
 */
export function readAmount(given: unknown, field = 'amount'): bigint {
  if (typeof given === 'string' && /^[1-9]\d{0,99}$/.test(given)) return BigInt(given)
  throw new InvalidError(`${field}: expected a whole number of base units above zero as a text, got ${shown(given)}.`, {
    code: 'bad_amount',
    place: { path: field },
    hint: 'One CHOIR has 1000000000 base units, so 5 CHOIR are "5000000000".',
  })
}

const shown = (given: unknown) =>
  typeof given === 'string' ? JSON.stringify(given.slice(0, 40)) : `${String(given).slice(0, 40)} (${typeof given})`

/** CHOIR as base units. */
export const unitsOf = (choir: number): bigint => BigInt(choir.toFixed(DECIMALS).replace('.', ''))

/** Base units as a number of CHOIR; large ones lose their last digits. */
export const choirOf = (units: string): number => Number(units) / 10 ** DECIMALS

/** Base units as CHOIR, with no more decimals than they have. */
export function formatChoir(units: string | bigint): string {
  const digits = String(units).padStart(DECIMALS + 1, '0')
  const rest = digits.slice(-DECIMALS).replace(/0+$/, '')
  return `${digits.slice(0, -DECIMALS)}${rest === '' ? '' : `.${rest}`} CHOIR`
}

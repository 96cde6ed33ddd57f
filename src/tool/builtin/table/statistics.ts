import { TerminalError } from '../../../errors.ts'
import { asText, type Json } from '../../../kernel/json.ts'
import { fromWhole, isLongWhole, wholeOf } from '../../../lib/json/whole.ts'
import { isMissingCell, parseCellNumber, valueIdentity } from './table.ts'

/** Aggregate functions. They ignore missing values. */
export const AGGREGATE_FUNCTIONS = ['sum', 'avg', 'mean', 'count', 'count_distinct', 'min', 'max', 'median'] as const

export type AggregateFunction = (typeof AGGREGATE_FUNCTIONS)[number]

/** Aggregates values. Without any, a count is 0 and all else null. TerminalError if a sum contains a text. */
export function aggregate(wanted: AggregateFunction, values: readonly (Json | undefined)[], column: string): Json {
  const there = values.filter((value) => !isMissingCell(value)) as readonly Json[]
  if (wanted === 'count') return there.length
  if (wanted === 'count_distinct') return new Set(there.map(valueIdentity)).size
  if (there.length === 0) return null
  if (wanted === 'min' || wanted === 'max') return extreme(there, wanted)
  const numbers = there.map((value) => parseCellNumber(value) ?? refuse(wanted, value, column))
  const exact = exactly(wanted, there, numbers)
  if (exact !== undefined) return exact
  if (wanted === 'sum' && there.some(isLongWhole))
    fail(`Sum of column \`${column}\`: fractions and whole numbers beyond 2^53 have no exact sum.`)
  const made =
    wanted === 'sum' ? sum(numbers) : wanted === 'median' ? quantile(sortNumbers(numbers), 0.5) : mean(numbers)
  return Number.isFinite(made) ? made : fail(`${wanted} of column \`${column}\` is more than a number can hold.`)
}

/** The whole result for whole numbers beyond 2^53. A mean between two of them is the nearest number. */
function exactly(
  wanted: AggregateFunction,
  values: readonly Json[],
  numbers: readonly number[],
): number | string | undefined {
  if (!values.some(isLongWhole) && Number.isSafeInteger(Math.trunc(sum(numbers)))) return undefined
  const wholes = values.map(wholeOf)
  if (!wholes.every((whole) => whole !== undefined)) return undefined
  const counted = wanted === 'median' ? middleOf(wholes) : wholes
  const total = counted.reduce((all, whole) => all + whole, 0n)
  const count = wanted === 'sum' ? 1n : BigInt(counted.length)
  return total % count === 0n ? fromWhole(total / count) : undefined
}

/** The one or two in the middle. */
function middleOf(wholes: readonly bigint[]): readonly bigint[] {
  const sorted = [...wholes].sort((a, b) => (a < b ? -1 : a > b ? 1 : 0))
  return sorted.slice(Math.ceil(sorted.length / 2) - 1, Math.floor(sorted.length / 2) + 1)
}

/** Sums with compensation for rounding errors. */
function sum(numbers: readonly number[]): number {
  let total = 0
  let lost = 0
  for (const number of numbers) {
    const next = total + number
    lost += Math.abs(total) >= Math.abs(number) ? total - next + number : number - next + total
    total = next
  }
  return total + lost
}

const mean = (numbers: readonly number[]): number => sum(numbers) / numbers.length

/** Sample standard deviation; null for fewer than two numbers. */
export function standardDeviation(numbers: readonly number[]): number | null {
  if (numbers.length < 2) return null
  const middle = mean(numbers)
  return Math.sqrt(sum(numbers.map((number) => (number - middle) ** 2)) / (numbers.length - 1))
}

const sortNumbers = (numbers: readonly number[]): readonly number[] => [...numbers].sort((a, b) => a - b)

/** The quantile for this share, with linear interpolation. */
function quantile(numbers: readonly number[], share: number): number {
  const place = (numbers.length - 1) * share
  const [low, high] = [numbers[Math.floor(place)]!, numbers[Math.ceil(place)]!]
  return low + (high - low) * (place - Math.floor(place))
}

/** Numbers outside this range are outliers: 1.5 interquartile ranges beyond the quartiles. */
export function outlierBounds(numbers: readonly number[]): readonly [low: number, high: number] {
  const sorted = sortNumbers(numbers)
  const [first, third] = [quantile(sorted, 0.25), quantile(sorted, 0.75)]
  return [first - 1.5 * (third - first), third + 1.5 * (third - first)]
}

/** The minimum or maximum: numeric if all values are numbers, else by text. */
function extreme(values: readonly Json[], wanted: 'min' | 'max'): Json {
  const numbers = values.map(parseCellNumber)
  const isAllNumbers = numbers.every((number) => number !== undefined)
  const keysOf = values.some(isLongWhole) ? values.map((value, at) => wholeOf(value) ?? numbers[at]) : numbers
  const [keys, candidates] = isAllNumbers ? [keysOf, values.map(exact)] : [values.map(asText), values]
  type Key = number | bigint | string
  const isBetter = (a: Key, b: Key) => (wanted === 'min' ? a < b : a > b)
  const best = keys.reduce<number>((at, key, index) => (isBetter(key!, keys[at]!) ? index : at), 0)
  return candidates[best] as Json
}

/** A text as a number, unless the conversion loses digits. */
function exact(value: Json): Json {
  const number = parseCellNumber(value)!
  return Number.isInteger(number) && !Number.isSafeInteger(number) ? value : number
}

function refuse(wanted: string, value: Json, column: string): never {
  const shown = asText(value).slice(0, 60)
  return fail(`${wanted} of column \`${column}\`: ${JSON.stringify(shown)} is not a number.`)
}

function fail(message: string): never {
  throw new TerminalError(message, { code: 'tool_failed' })
}

import { TerminalError } from '../../../errors.ts'
import type { Json } from '../../../kernel/schema.ts'
import { isMissingCell, parseCellNumber, valueIdentity } from './table.ts'

/** What can be made of the values of a column; those that are missing do not count. */
export const AGGREGATE_FUNCTIONS = ['sum', 'avg', 'mean', 'count', 'count_distinct', 'min', 'max', 'median'] as const

/** One of them. */
export type AggregateFunction = (typeof AGGREGATE_FUNCTIONS)[number]

/** A column's values in one: of no values a count is 0 and everything else none. TerminalError when a sum meets a text. */
export function aggregate(wanted: AggregateFunction, values: readonly (Json | undefined)[], column: string): Json {
  const there = values.filter((value) => !isMissingCell(value)) as readonly Json[]
  if (wanted === 'count') return there.length
  if (wanted === 'count_distinct') return new Set(there.map(valueIdentity)).size
  if (there.length === 0) return null
  if (wanted === 'min' || wanted === 'max') return extreme(there, wanted)
  const numbers = there.map((value) => parseCellNumber(value) ?? refuse(wanted, value, column))
  const made =
    wanted === 'sum' ? sum(numbers) : wanted === 'median' ? quantile(sortNumbers(numbers), 0.5) : mean(numbers)
  return Number.isFinite(made) ? made : fail(`${wanted} of column \`${column}\` is more than a number can hold`)
}

/** The sum, with the rounding errors of its parts kept and added at the end. */
export function sum(numbers: readonly number[]): number {
  let total = 0
  let lost = 0
  for (const number of numbers) {
    const next = total + number
    lost += Math.abs(total) >= Math.abs(number) ? total - next + number : number - next + total
    total = next
  }
  return total + lost
}

/** The arithmetic mean. */
export function mean(numbers: readonly number[]): number {
  return sum(numbers) / numbers.length
}

/** The standard deviation of a sample; none of fewer than two numbers. */
export function standardDeviation(numbers: readonly number[]): number | null {
  if (numbers.length < 2) return null
  const middle = mean(numbers)
  return Math.sqrt(sum(numbers.map((number) => (number - middle) ** 2)) / (numbers.length - 1))
}

/** Ascending. */
export function sortNumbers(numbers: readonly number[]): readonly number[] {
  return [...numbers].sort((a, b) => a - b)
}

/** The value below which this share of the ordered numbers lies, straight lines between them. */
export function quantile(numbers: readonly number[], share: number): number {
  const place = (numbers.length - 1) * share
  const [low, high] = [numbers[Math.floor(place)]!, numbers[Math.ceil(place)]!]
  return low + (high - low) * (place - Math.floor(place))
}

/** The range outside of which a number is an outlier: 1.5 times the middle half beyond its ends. */
export function outlierBounds(numbers: readonly number[]): readonly [low: number, high: number] {
  const sorted = sortNumbers(numbers)
  const [first, third] = [quantile(sorted, 0.25), quantile(sorted, 0.75)]
  return [first - 1.5 * (third - first), third + 1.5 * (third - first)]
}

/** The smallest or greatest: by number where all are numbers, else by their text. */
function extreme(values: readonly Json[], wanted: 'min' | 'max'): Json {
  const numbers = values.map(parseCellNumber)
  const isAllNumbers = numbers.every((number) => number !== undefined)
  const [keys, kept] = isAllNumbers ? [numbers, values.map(exact)] : [values.map(textIn), values]
  const isBetter = (a: number | string, b: number | string) => (wanted === 'min' ? a < b : a > b)
  const best = keys.reduce<number>((at, key, index) => (isBetter(key!, keys[at]!) ? index : at), 0)
  return kept[best] as Json
}

/** A text as its number, unless that would lose digits of it. */
function exact(value: Json): Json {
  const number = parseCellNumber(value)!
  return Number.isInteger(number) && !Number.isSafeInteger(number) ? value : number
}

function textIn(value: Json): string {
  return typeof value === 'string' ? value : JSON.stringify(value)
}

function refuse(wanted: string, value: Json, column: string): never {
  const shown = textIn(value).slice(0, 60)
  return fail(`${wanted} of column \`${column}\`: ${JSON.stringify(shown)} is not a number`)
}

function fail(message: string): never {
  throw new TerminalError(message, { code: 'tool_failed' })
}

/** A set of numbers as sorted intervals, first and last of each: `[0, 4, 7, 7]`. Nearly contiguous sets stay small. */
export type IntervalSet = readonly number[]

export const EMPTY_INTERVALS: IntervalSet = []

/** Adds `count` numbers from `first`, which follow all numbers of the set. */
export function appendInterval(ranges: IntervalSet, first: number, count: number): IntervalSet {
  if (count <= 0) return ranges
  const last = first + count - 1
  return ranges.at(-1) === first - 1 ? [...ranges.slice(0, -1), last] : [...ranges, first, last]
}

export function removeNumber(ranges: IntervalSet, number: number): IntervalSet {
  const at = intervalIndex(ranges, number)
  if (at === undefined) return ranges
  const [first, last] = [ranges[at]!, ranges[at + 1]!]
  const before = first < number ? [first, number - 1] : []
  const behind = number < last ? [number + 1, last] : []
  return [...ranges.slice(0, at), ...before, ...behind, ...ranges.slice(at + 2)]
}

export function includesNumber(ranges: IntervalSet, number: number): boolean {
  return intervalIndex(ranges, number) !== undefined
}

export function countNumbers(ranges: IntervalSet): number {
  let count = 0
  for (let at = 0; at < ranges.length; at += 2) count += ranges[at + 1]! - ranges[at]! + 1
  return count
}

export function* listNumbers(ranges: IntervalSet): Generator<number> {
  for (let at = 0; at < ranges.length; at += 2)
    for (let number = ranges[at]!; number <= ranges[at + 1]!; number++) yield number
}

/** The index of the interval that holds the number. */
function intervalIndex(ranges: IntervalSet, number: number): number | undefined {
  for (let at = 0; at < ranges.length; at += 2)
    if (number <= ranges[at + 1]!) return ranges[at]! <= number ? at : undefined
  return undefined
}

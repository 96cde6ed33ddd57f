/** Numbers as ranges, in order: the first and the last of each, `[0, 4, 7, 7]`. What begins in order and ends nearly so takes little room. */
export type Ranges = readonly number[]

export const NONE: Ranges = []

/** Of these numbers, in order. */
export function rangesOf(numbers: readonly number[]): Ranges {
  return numbers.reduce<Ranges>((ranges, number) => append(ranges, number, 1), NONE)
}

/** With so many numbers more, which follow all that are there. */
export function append(ranges: Ranges, first: number, count: number): Ranges {
  if (count <= 0) return ranges
  const last = first + count - 1
  return ranges.at(-1) === first - 1 ? [...ranges.slice(0, -1), last] : [...ranges, first, last]
}

/** Without that number. */
export function remove(ranges: Ranges, number: number): Ranges {
  const at = placeOf(ranges, number)
  if (at === undefined) return ranges
  const [first, last] = [ranges[at]!, ranges[at + 1]!]
  const before = first < number ? [first, number - 1] : []
  const behind = number < last ? [number + 1, last] : []
  return [...ranges.slice(0, at), ...before, ...behind, ...ranges.slice(at + 2)]
}

export function includes(ranges: Ranges, number: number): boolean {
  return placeOf(ranges, number) !== undefined
}

/** How many numbers they are. */
export function countOf(ranges: Ranges): number {
  let count = 0
  for (let at = 0; at < ranges.length; at += 2) count += ranges[at + 1]! - ranges[at]! + 1
  return count
}

export function* numbersIn(ranges: Ranges): Generator<number> {
  for (let at = 0; at < ranges.length; at += 2)
    for (let number = ranges[at]!; number <= ranges[at + 1]!; number++) yield number
}

/** Where the range with that number begins. */
function placeOf(ranges: Ranges, number: number): number | undefined {
  for (let at = 0; at < ranges.length; at += 2)
    if (number <= ranges[at + 1]!) return ranges[at]! <= number ? at : undefined
  return undefined
}

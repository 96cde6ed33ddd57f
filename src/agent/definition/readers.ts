import { secondsIn, TIME_SPAN_EXPECTED, TIME_SPAN_TEXT } from '../../lib/time/span.ts'

/** Reads the value of a key, or throws a `Fault`. */
export type Read<Value> = (value: unknown) => Value

/** A value that does not fit, and the place of the fault inside it. */
export class Fault extends Error {
  readonly path: readonly (string | number)[]
  constructor(expected: string, path: readonly (string | number)[] = []) {
    super(expected)
    this.path = path
  }
}

/** The value that a reader makes, or its fault. */
export function read<Value>(
  reader: Read<Value>,
  value: unknown,
): { readonly value: Value } | { readonly fault: Fault } {
  try {
    return { value: reader(value) }
  } catch (error) {
    if (error instanceof Fault) return { fault: error }
    throw error
  }
}

export const isText = (value: unknown): value is string => typeof value === 'string'
/** A list of names, or a text of names with commas between them. A comma in parentheses belongs to its name. */
export const names = (value: unknown): readonly string[] => {
  if (typeof value === 'string')
    return (value.match(/(?:[^,(]|\([^)]*\)?)+/g) ?? []).map((one) => one.trim()).filter((one) => one !== '')
  return list(value, 'expected a list or a string').map((one, place) => plainText(one, [place]))
}

export const list = (value: unknown, expected: string): readonly unknown[] => {
  if (Array.isArray(value)) return value
  throw new Fault(expected)
}

export const plainText = (value: unknown, path: Fault['path'] = [], expected?: string): string => {
  if (!isText(value)) throw new Fault(expected ?? 'expected a string', path)
  const text = value.trim()
  if (text === '') throw new Fault('expected a text', path)
  return text
}

export const number = (value: unknown, fits: (number: number) => boolean, expected: string): number => {
  if (typeof value !== 'number' || Number.isNaN(value)) throw new Fault('expected a number')
  if (!fits(value)) throw new Fault(expected)
  return value
}

export const whole = (value: unknown, least: number, most: number): number => {
  const found = number(value, Number.isSafeInteger, 'expected a whole number')
  if (found < least) throw new Fault(`expected a number of ${least} or more`)
  if (found > most) throw new Fault(`expected a number of ${most} or less`)
  return found
}

export const timeSpan = (value: unknown, isFit = (_seconds: number) => true, expected = TIME_SPAN_EXPECTED): number => {
  const seconds = isText(value) && TIME_SPAN_TEXT.test(value) ? secondsIn(value) : value
  if (typeof seconds !== 'number' || !(seconds >= 0 && seconds < Infinity)) throw new Fault(TIME_SPAN_EXPECTED)
  if (!isFit(seconds)) throw new Fault(expected)
  return seconds
}

export const oneOf = <const Words extends readonly string[]>(words: Words, value: unknown): Words[number] => {
  if (words.some((word) => word === value)) return value as Words[number]
  throw new Fault(`expected ${words.length === 1 ? '' : 'one of '}${words.join(', ')}`)
}

export const isMap = (value: unknown): value is object =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

/** The fields of a map that has no others. */
export const only = (
  map: object,
  keys: readonly string[],
  path: Fault['path'] = [],
): { readonly [key: string]: unknown } => {
  const unknown = Object.keys(map).find((key) => !keys.includes(key))
  if (unknown === undefined) return map as { readonly [key: string]: unknown }
  const expected = keys.map((key) => `\`${key}\``)
  throw new Fault(`expected only ${expected.slice(0, -1).join(', ')} and ${expected.at(-1)}`, [...path, unknown])
}

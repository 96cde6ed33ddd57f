import { parseExact } from '../../lib/json/exact.ts'

/** Fields of one line that are read; more are as good as a table of their own. */
const MAX_FIELDS = 200

/**
 * A line of JSON Lines with the name of each field before its value: `name: Skua, born.year: 1957`. Empty values are
 * left out. A line that is not an object stays as it is.
 */
export function labelFields(line: string): string {
  const fields: string[] = []
  const value = parsed(line)
  if (!isObject(value)) return line
  collect(value, '', fields)
  return fields.length === 0 || fields.length > MAX_FIELDS ? line : fields.join(', ').replace(/\s+/g, ' ').trim()
}

function parsed(line: string): unknown {
  try {
    return parseExact(line)
  } catch {
    // a line that was cut, or is not JSON
    return undefined
  }
}

const isObject = (value: unknown): value is { readonly [key: string]: unknown } =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

function collect(value: unknown, path: string, fields: string[]): void {
  if (fields.length > MAX_FIELDS) return
  if (isObject(value))
    for (const [key, field] of Object.entries(value)) collect(field, path === '' ? key : `${path}.${key}`, fields)
  else if (Array.isArray(value) && value.every((one) => typeof one !== 'object' || one === null)) {
    if (value.length > 0) fields.push(`${path}: ${value.join('; ')}`)
  } else if (Array.isArray(value)) value.forEach((one, at) => collect(one, `${path}.${at + 1}`, fields))
  else if (value !== null && value !== '') fields.push(`${path}: ${value}`)
}

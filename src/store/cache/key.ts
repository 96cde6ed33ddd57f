import { createHash } from 'node:crypto'

/** The inputs of a result, including its owner, so that owners never share results. */
type CacheKeySource = {
  /** kind of work, and the version of its implementation */
  readonly kind: string
  readonly version: string
  readonly owner: string
  readonly input: unknown
}

/** The key of a result. The order of fields does not matter. */
export function cacheKey(origin: CacheKeySource): string {
  return createHash('sha256').update(canonicalJson(origin)).digest('hex')
}

/** JSON with sorted fields. Drops values that JSON cannot express. */
export function canonicalJson(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(canonicalJson).join(',')}]`
  if (typeof value !== 'object' || value === null) return JSON.stringify(value) ?? 'null'
  const fields = Object.entries(value).filter(([, field]) => field !== undefined)
  const named = fields
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, field]) => `${JSON.stringify(name)}:${canonicalJson(field)}`)
  return `{${named.join(',')}}`
}

import { createHash } from 'node:crypto'

/** What a result follows from; whose it is belongs to it, so that nobody is given another's. */
export type CacheKeySource = {
  /** what kind of work it is, and the version of how it is done */
  readonly kind: string
  readonly version: string
  readonly owner: string
  readonly input: unknown
}

/** The key of all results that follow from the same, whatever the order of its fields. */
export function cacheKey(origin: CacheKeySource): string {
  return createHash('sha256').update(canonicalJson(origin)).digest('hex')
}

/** A value as JSON whose fields are in order; what JSON does not know is left out. */
export function canonicalJson(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(canonicalJson).join(',')}]`
  if (typeof value !== 'object' || value === null) return JSON.stringify(value) ?? 'null'
  const fields = Object.entries(value).filter(([, field]) => field !== undefined)
  const named = fields
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, field]) => `${JSON.stringify(name)}:${canonicalJson(field)}`)
  return `{${named.join(',')}}`
}

import { createHash } from 'node:crypto'
import type { NewRecord } from './record.ts'

/** Two records with the same content are the same. Importance and pins do not count: they are set on a record. */
type Content = Pick<NewRecord, 'text' | 'data' | 'subject' | 'validFrom' | 'validTo' | 'expires'> & {
  readonly space: string
  readonly kind: string
}

/** A hash of the content of a record. The order of keys in its JSON does not count. */
export function contentHash({ space, kind, text, data, subject, validFrom, validTo, expires }: Content): string {
  const content = [space, kind, text, data, subject, validFrom, validTo, expires]
  return createHash('sha256')
    .update(JSON.stringify(content.map(sorted)))
    .digest('base64url')
}

/** The id of a record that has no given one. `ends`: the fact that it ends, so that a fact may return. */
export function contentId(hash: string, ends = ''): string {
  return `m_${createHash('sha256').update(`${hash}\0${ends}`).digest('base64url').slice(0, 22)}`
}

function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted)
  if (value === null || typeof value !== 'object') return value
  const entries = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1))
  return entries.map(([key, inner]) => [key, sorted(inner)])
}

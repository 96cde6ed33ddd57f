import { hash } from 'node:crypto'
import { canonicalJson } from '../store/cache/key.ts'
import type { NewRecord } from './record.ts'

/** Two records with the same content are the same. Importance and pins do not count: they are set on a record. */
type Content = Pick<NewRecord, 'text' | 'data' | 'subject' | 'validFrom' | 'validTo' | 'expires'> & {
  readonly space: string
  readonly kind: string
}

/** A hash of the content of a record. The order of keys in its JSON does not count. */
export function contentHash({ space, kind, text, data, subject, validFrom, validTo, expires }: Content): string {
  const content = [space, kind, text, data, subject, validFrom, validTo, expires]
  return hash('sha256', canonicalJson(content), 'base64url')
}

/** The id of a record that has no given one. `ends`: the fact that it ends, so that a fact may return. */
export function contentId(contentHash: string, ends = ''): string {
  return `m_${hash('sha256', `${contentHash}\0${ends}`, 'base64url').slice(0, 22)}`
}

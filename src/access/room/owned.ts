import { ACT_KIND } from '../../house/act.ts'
import type { Ownership } from '../../house/owned.ts'

/** The owners of the actors of access. Keys and links come first in an erasure, so that they open nothing. */
export const accessOwnership: readonly Ownership[] = [
  { kind: 'api-key', place: 'keys' },
  { kind: 'link', place: 'links' },
  { kind: 'request', place: 'idempotency keys' },
  { kind: ACT_KIND, place: 'days of acts' },
  { kind: 'audit', stays: 'it says who did what, until its days are over; each report names it' },
]

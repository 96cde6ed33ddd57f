import type { Items } from '../../ports/maintenance.ts'
import type { Gone } from './limits.ts'

const NAMED = 100

/** Gathers things by kind and reason. */
export function gather(gone: readonly Gone[]): readonly Items[] {
  return [...Map.groupBy(gone, ({ what, why }) => `${what}: ${why}`).values()].map((alike) => ({
    what: alike[0]!.what,
    why: alike[0]!.why,
    count: alike.length,
    bytes: alike.reduce((sum, { bytes }) => sum + bytes, 0),
    ids: alike.slice(0, NAMED).map(({ id }) => id),
  }))
}

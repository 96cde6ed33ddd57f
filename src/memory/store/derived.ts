import type { DerivedRecord } from '../memory.ts'
import type { RecordSource } from '../record.ts'
import type { MemoryConnection } from './connection.ts'
import { DERIVED } from './schema.ts'

/** The ids of records that go, and whether a file or a page goes. */
type Going = { readonly ids: readonly string[]; readonly isFile?: (ref: string) => boolean }

export type DerivedRow = DerivedRecord & { readonly rid: number }

type CitingRow = {
  readonly rid: number
  readonly id: string
  readonly kind: string
  readonly source: string
}

/** The records that are made of what goes, or of records that go with it, without what goes itself. */
export function derivedFrom(connection: MemoryConnection, owner: number, going: Going): readonly DerivedRow[] {
  const rows = connection.all<CitingRow>(
    `select rid, id, kind, source from record where owner = ? and erasure is null and ${DERIVED} order by rid`,
    [owner],
  )
  return closure(rows.map(partsOf), going)
}

function partsOf({ rid, id, kind, source }: CitingRow) {
  const { type, ref, madeOf: parts = { records: [], files: [] } } = JSON.parse(source) as RecordSource
  return { rid, id, kind, ...(type === 'ask' && ref !== undefined && { ask: ref }), parts }
}

/** Follows the parts of records until no further record goes. Pure. */
function closure(
  records: readonly ReturnType<typeof partsOf>[],
  { ids, isFile = () => false }: Going,
): readonly DerivedRow[] {
  const gone = new Set(ids)
  let left = records.filter(({ id }) => !gone.has(id))
  const derived: DerivedRow[] = []
  for (;;) {
    const isMade = ({ parts }: (typeof left)[number]) =>
      parts.records.some((one) => gone.has(one)) || parts.files.some(isFile)
    const next = left.filter(isMade)
    if (next.length === 0) return derived
    for (const { parts: _, ...record } of next) {
      gone.add(record.id)
      derived.push(record)
    }
    const found = new Set(next)
    left = left.filter((record) => !found.has(record))
  }
}

/** The derived records as a report names them. */
export const namesOf = (derived: readonly DerivedRow[]): readonly DerivedRecord[] =>
  derived.slice(0, MAX_NAMED).map(({ rid: _, ...record }) => record)

/** Derived records that a report names. */
const MAX_NAMED = 100

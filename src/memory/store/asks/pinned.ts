import { TerminalError } from '../../../errors.ts'
import { MEMORY_LIMITS } from '../../limits.ts'
import type { MemoryConnection } from '../connection.ts'
import { conditionOf } from '../filter.ts'

type Pinned = { readonly text: string; readonly subject?: string | null }

/** @throws an error `pins_full` if the pinned records of an owner would be too long together with these */
export function checkPinned(connection: MemoryConnection, owner: number, more: readonly Pinned[], now: number): void {
  if (more.length === 0) return
  const { sql, values } = conditionOf(owner, { pinned: true }, now)
  const { size } = connection.first<{ readonly size: number | null }>(
    `select sum(length(r.text) + length(ifnull(r.subject, ''))) size from record r where ${sql}`,
    values,
  )!
  const added = more.reduce((total, { text, subject }) => total + [...text, ...(subject ?? '')].length, 0)
  if ((size ?? 0) + added <= MEMORY_LIMITS.pinned) return
  throw new TerminalError(
    `Pinned records may have ${MEMORY_LIMITS.pinned} characters in all: they have ${size ?? 0}, and ${added} would join.`,
    {
      code: 'pins_full',
      hint: 'Unpin a record, or pin a shorter text. Records that are not pinned are found by a search.',
    },
  )
}

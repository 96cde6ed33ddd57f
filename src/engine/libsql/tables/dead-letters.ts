import type { Envelope } from '../../../kernel/types.ts'
import { type Bytes, bytesOf, checkedTexts, splitLast, textOf } from '../../../store/database/checked-row.ts'
import type { Database } from '../../../store/database/database.ts'
import type { DeadLetter } from '../../engine.ts'

type Row = { readonly row: Bytes; readonly sum: number; readonly id: Bytes }

/** The dead letters of the table, by id. A damaged one gets the time `now` (ms). */
export function readDeadLetters(database: Database, now: number): Map<string, DeadLetter> {
  const rows = database.all<Row>(`select cast(id as blob) id, ${bytesOf('id', 'letter')} row, sum from dead_letter`)
  return new Map(rows.map((row) => letterIn(row, now)))
}

function letterIn({ row, sum, id: bytes }: Row, now: number): [string, DeadLetter] {
  const texts = checkedTexts(row, sum)
  const id = textOf(bytes)
  return [id, texts ? JSON.parse(splitLast(texts)[1]) : damagedLetter(id, now)]
}

/** Stands for a letter that cannot be read. Its kind is one that no actor has: it can be dropped but never retried. */
function damagedLetter(id: string, at: number): DeadLetter {
  const to = { kind: DAMAGED_KIND, key: id }
  const letter: Envelope = {
    v: 1,
    id,
    type: 'event',
    from: null,
    to,
    createdAt: at,
    correlationId: id,
    cause: null,
    body: null,
  }
  return { id, at, letter, problem: { code: 'unreadable', name: 'TerminalError', message: MESSAGE, terminal: true } }
}

/** The kind of the actor that a damaged letter goes to. */
const DAMAGED_KIND = '(damaged)'
const MESSAGE = 'The stored dead letter is damaged. Drop it, or restore a backup.'

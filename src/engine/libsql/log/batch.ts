import type { Json } from '../../../kernel/schema.ts'
import type { EffectOutcome } from '../../../kernel/types.ts'
import type { Rows } from '../../../store/database/database.ts'
import type { DeadLetter } from '../../engine.ts'
import type { Letter, Resident, Stretch, Unsaved } from '../activation/activation.ts'
import { type LogRow, type PackedCell, packAll, packCell } from '../codec.ts'
import { type Known, packKnown } from '../idempotency.ts'
import { joined, tellEvents, tellParts } from '../tables/inline-rows.ts'

/** What becomes durable together: a piece of history that holds all its causes or follows them. */
export type Batch = {
  readonly seq: number
  turns: number
  readonly residents: Resident[]
  readonly wiped: Set<Resident>
  /** those that are over and went straight to the tables: the log is told only that */
  readonly over: Set<Resident>
  readonly parts: Map<Resident, Map<string, Json | null>>
  readonly events: Map<Resident, Stretch[]>
  readonly mail: Letter[]
  readonly taken: Letter[]
  readonly outcomes: { readonly letter: Letter; readonly name: string; readonly outcome: EffectOutcome }[]
  readonly known: Known[]
  /** those whose reply leaves with this batch */
  readonly answered: Known[]
  readonly letters: Map<string, DeadLetter | null>
  /** goes straight into the tables */
  readonly rows: Rows[]
  /** who is told when it is durable, or that it cannot be */
  readonly waiters: Waiter[]
}

/** Who waits for a batch to be durable. */
export type Waiter = { resolve(): void; reject(error: Error): void }

export function createBatch(seq: number): Batch {
  return {
    seq,
    turns: 0,
    residents: [],
    wiped: new Set(),
    over: new Set(),
    parts: new Map(),
    events: new Map(),
    mail: [],
    taken: [],
    outcomes: [],
    known: [],
    answered: [],
    letters: new Map(),
    rows: [],
    waiters: [],
  }
}

export function isEmpty({ residents, mail, taken, outcomes, known, letters, rows }: Batch): boolean {
  const items = residents.length + mail.length + taken.length + outcomes.length + known.length
  return items + letters.size + rows.length === 0
}

/** Lists an actor in a batch, once. */
export function list(batch: Batch, resident: Resident): void {
  if (resident.listedIn === batch.seq) return
  resident.listedIn = batch.seq
  batch.residents.push(resident)
}

/** The actor stopped: what it wrote in this batch goes too. */
export function wipe(batch: Batch, resident: Resident): void {
  batch.wiped.add(resident)
  batch.parts.delete(resident)
  batch.events.delete(resident)
}

/** The ids a batch gives or answers, as they are now. */
export const idsOf = ({ known }: Batch): string | undefined =>
  known.length === 0 ? undefined : JSON.stringify(packKnown(known))

/** The text of a batch, as it is now: a later turn must not leak into it. Mail born and taken here was never pending. */
export function logText(batch: Batch): { readonly text: string; readonly pending: readonly Letter[] } {
  const pending = batch.mail.filter((letter) => letter.taken !== batch.seq)
  const fields = [
    ...rowFields(batch, pending),
    ...toldBy('ps', batch.parts, batch.over, tellParts),
    ...toldBy('es', batch.events, batch.over, tellEvents),
  ]
  return { text: `{${joined(fields)}}`, pending }
}

function rowFields(batch: Batch, pending: readonly Letter[]): readonly string[] {
  const outcomes = batch.outcomes.filter(({ letter }) => letter.taken !== batch.seq)
  const row: LogRow = {
    ...some(
      'c',
      batch.residents.filter((one) => isTold(one) && !batch.over.has(one)).map((one) => cellEntry(batch, one)),
    ),
    ...some(
      's',
      [...batch.over].map(({ name }) => name),
    ),
    ...some('m', packAll(pending)),
    ...some(
      't',
      batch.taken.map(({ envelope }) => envelope.id),
    ),
    ...some(
      'o',
      outcomes.map(({ letter, name, outcome }) => [letter.envelope.id, name, outcome] as const),
    ),
    ...some('l', [...batch.letters]),
  }
  const fields = JSON.stringify(row).slice(1, -1)
  return fields === '' ? [] : [fields]
}

/** What actors wrote here. Each keeps its own text: the row that the tables get of it is made of that. */
function toldBy<Written>(
  field: 'ps' | 'es',
  written: ReadonlyMap<Resident, Written>,
  over: ReadonlySet<Resident>,
  tell: (unsaved: Unsaved, written: Written) => string,
): readonly string[] {
  const entries: string[] = []
  for (const [resident, own] of written)
    if (!over.has(resident)) entries.push(`[${JSON.stringify(resident.name)},[${tell(resident.unsaved, own)}]]`)
  return entries.length === 0 ? [] : [`"${field}":[${joined(entries)}]`]
}

/** Takes an actor that is over out of what the log is told, with all that it did in this batch: what was told before is not all any more. */
export function leaveOut(batch: Batch, resident: Resident): void {
  batch.over.add(resident)
  resident.logged = true
  resident.unsaved.told = undefined
}

/** An actor that came and went within one batch is not worth a word. */
const isTold = ({ cell, logged }: Resident) => cell !== undefined || logged

function cellEntry(batch: Batch, resident: Resident): readonly [string, PackedCell | null, 1?] {
  const cell = resident.cell ? packCell(resident.cell) : null
  resident.logged = cell !== null
  return cell && batch.wiped.has(resident) ? [resident.name, cell, 1] : [resident.name, cell]
}

const some = <Key extends keyof LogRow, Item>(key: Key, items: readonly Item[]) =>
  items.length > 0 ? { [key]: items } : undefined

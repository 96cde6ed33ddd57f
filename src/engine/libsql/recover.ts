import type { Cell, Outcome } from '../../kernel/types.ts'
import type { Database } from '../../store/database.ts'
import type { DeadLetter } from '../engine.ts'
import type { Known, KnownIds } from './known.ts'
import { type LogRow, type Packed, unpack } from './pack.ts'
import { createLetter, createResident, type Letter, nothingUnsaved, type Resident } from './resident.ts'

/** What the file says after a crash or a stop: the tables, with the log since the last checkpoint played over them. */
export type Past = {
  readonly residents: Map<string, Resident>
  readonly pending: Map<string, Letter>
  readonly stored: Set<string>
  readonly known: Set<Known>
  readonly letters: Map<string, DeadLetter | null>
  readonly names: readonly string[]
  readonly firstLog: number
  readonly last: number
}

type Sink = Omit<Past, 'names' | 'firstLog' | 'last'> & {
  readonly outcomes: Map<string, Map<string, Outcome>>
  readonly ids: KnownIds
}

export function recover(database: Database, ids: KnownIds, oldest: number): Past {
  const sink: Sink = {
    residents: new Map(),
    pending: new Map(),
    stored: new Set(),
    known: new Set(),
    letters: new Map(),
    outcomes: new Map(),
    ids,
  }
  readTables(database, sink, oldest)
  const marker = database.all<{ value: number }>(`select value from meta where name='checkpoint'`)[0]?.value ?? 0
  let last = marker
  for (const { seq, data } of database.all<{ seq: number; data: string }>(
    'select seq, data from log where seq > ? order by seq',
    [marker],
  )) {
    replay(JSON.parse(data), sink)
    last = seq
  }
  for (const [id, outcomes] of sink.outcomes) {
    const letter = sink.pending.get(id)
    if (letter) letter.outcomes = outcomes
  }
  const names = database.all<{ name: string }>('select name from cell').map(({ name }) => name)
  const firstLog = database.all<{ seq: number | null }>('select min(seq) seq from log')[0]?.seq ?? last + 1
  return { ...sink, names, firstLog, last }
}

function readTables(database: Database, sink: Sink, oldest: number): void {
  for (const { id, envelope } of database.all<{ id: string; envelope: string }>(
    'select id, envelope from mail order by n',
  )) {
    sink.stored.add(id)
    addPending(sink, JSON.parse(envelope))
  }
  for (const { message, name, outcome } of database.all<{ message: string; name: string; outcome: string }>(
    'select * from outcome',
  )) {
    keepOutcome(sink, message, name, JSON.parse(outcome))
  }
  for (const { ids } of database.all<{ ids: string }>('select ids from known where at >= ? order by n', [oldest]))
    restoreIds(sink, JSON.parse(ids))
}

// in the order of one batch: what was there goes before what came, and mail is pending before it is taken
function replay(row: LogRow, sink: Sink): void {
  for (const [name, cell, reborn] of row.c ?? []) restoreCell(sink, name, cell, reborn === 1 || cell === null)
  for (const [name, part, value] of row.p ?? []) residentOf(sink, name).unsaved.parts.set(part, value)
  for (const [name, n, correlationId, body] of row.e ?? [])
    residentOf(sink, name).unsaved.events.push({ n, correlationId, body, batch: 0 })
  for (const packed of row.m ?? []) addPending(sink, packed)
  for (const [message, name, outcome] of row.o ?? []) keepOutcome(sink, message, name, outcome)
  for (const id of row.t ?? []) {
    sink.pending.delete(id)
    sink.outcomes.delete(id)
  }
  for (const known of restoreIds(sink, row.i ?? [])) sink.known.add(known)
  for (const [id, letter] of row.l ?? []) sink.letters.set(id, letter)
}

function restoreIds({ ids }: Sink, entries: NonNullable<LogRow['i']>): readonly Known[] {
  return entries.map(([id, use, at, reply]) => ids.restore(id, use, at, reply ? unpack(reply) : undefined))
}

function residentOf(sink: Sink, name: string): Resident {
  const resident = sink.residents.get(name) ?? createResident(name, undefined, true)
  sink.residents.set(name, resident)
  return resident
}

function restoreCell(sink: Sink, name: string, cell: Cell | null, wiped: boolean): void {
  const resident = residentOf(sink, name)
  resident.cell = cell ?? undefined
  if (!wiped) return
  resident.wiped = true
  resident.unsaved = nothingUnsaved()
}

function addPending(sink: Sink, packed: Packed): void {
  const letter = createLetter(unpack(packed), 0)
  sink.pending.set(letter.envelope.id, letter)
}

function keepOutcome(sink: Sink, message: string, name: string, outcome: Outcome): void {
  const outcomes = sink.outcomes.get(message) ?? new Map<string, Outcome>()
  sink.outcomes.set(message, outcomes.set(name, outcome))
}

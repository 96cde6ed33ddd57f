import { TerminalError } from '../../errors.ts'
import { freeze } from '../../kernel/freeze.ts'
import type { Envelope, Outcome } from '../../kernel/types.ts'
import { createPassing, type Passing } from '../../passing.ts'
import { checksumOf, UNCHECKED } from '../../store/checksum.ts'
import type { Database } from '../../store/database.ts'
import type { DeadLetter } from '../engine.ts'
import type { KnownIds } from './known.ts'
import { type LogRow, type PackedCell, unpack, unpackAll, unpackCell } from './pack.ts'
import { createLetter, createResident, type Letter, nothingUnsaved, type Resident } from './resident.ts'

/** What the file says after a crash or a stop: the tables, with the log since the last checkpoint played over them. */
export type Past = {
  readonly residents: Passing<string, Resident>
  readonly pending: Map<string, Letter>
  readonly stored: Set<string>
  readonly letters: Map<string, DeadLetter | null>
  readonly names: readonly string[]
  readonly firstLog: number
  readonly firstIds: number
  readonly torn: readonly number[]
  readonly last: number
}

export type Readable = Pick<Database, 'all'>

type Sink = Omit<Past, 'names' | 'firstLog' | 'firstIds' | 'torn' | 'last'> & {
  readonly outcomes: Map<string, Map<string, Outcome>>
}

export function recover(database: Readable, ids: Pick<KnownIds, 'restore'>): Past {
  const sink: Sink = {
    residents: createPassing(),
    pending: new Map(),
    stored: new Set(),
    letters: new Map(),
    outcomes: new Map(),
  }
  readTables(database, sink)
  const marker = database.all<{ value: number }>(`select value from meta where name='checkpoint'`)[0]?.value ?? 0
  const { log, torn } = readLog(database)
  for (const { seq, data } of log) if (seq > marker) replay(JSON.parse(String(data)), sink)
  const kept = database.all<{ seq: number; ids: string }>('select seq, ids from known order by seq')
  for (const { seq, ids: entries } of [...kept, ...log]) if (entries) ids.restore(seq, JSON.parse(String(entries)))
  for (const [id, outcomes] of sink.outcomes) {
    const letter = sink.pending.get(id)
    if (letter) letter.outcomes = outcomes
  }
  const names = database.all<{ name: string }>('select name from cell').map(({ name }) => name)
  const last = torn.at(-1) ?? log.at(-1)?.seq ?? marker
  return { ...sink, names, firstLog: log[0]?.seq ?? last + 1, firstIds: kept[0]?.seq ?? 0, torn, last }
}

type Row = { readonly seq: number; readonly data: Buffer; readonly ids: Buffer | null; readonly sum: number }
type Stored = Pick<Row, 'seq' | 'sum'> & { readonly data: ArrayBuffer; readonly ids: ArrayBuffer | null }

/** The rows of the log. Those at its end that are not whole were never acknowledged: they count as never written. */
function readLog(database: Readable): { readonly log: readonly Row[]; readonly torn: readonly number[] } {
  const log = readBytes(database)
  const isWhole = ({ data, ids, sum }: Row) => sum === UNCHECKED || checksumOf(data, ids) === sum
  // several, when each of as many processes died in its first flush
  const whole = log.slice(0, log.findLastIndex(isWhole) + 1)
  const damaged = whole.findIndex((row) => !isWhole(row))
  if (damaged === -1) return { log: whole, torn: log.slice(whole.length).map(({ seq }) => seq) }
  const what = `row ${log[damaged]!.seq} of the log is damaged, and whole ones follow it`
  throw new TerminalError(`${what}; restore the data folder from a backup`, { code: 'corrupt' })
}

// libSQL ends the process that reads a text whose bytes are none
function readBytes(database: Readable): readonly Row[] {
  const sql = 'select seq, cast(data as blob) data, cast(ids as blob) ids, sum from log order by seq'
  const bytes = ({ data, ids, ...row }: Stored): Row => ({
    ...row,
    data: Buffer.from(data),
    ids: ids && Buffer.from(ids),
  })
  return database.all<Stored>(sql).map(bytes)
}

function readTables(database: Readable, sink: Sink): void {
  for (const { id, envelope } of database.all<{ id: string; envelope: string }>(
    'select id, envelope from mail order by n',
  )) {
    sink.stored.add(id)
    addPending(sink, unpack(JSON.parse(envelope)))
  }
  for (const { message, name, outcome } of database.all<{ message: string; name: string; outcome: string }>(
    'select * from outcome',
  )) {
    keepOutcome(sink, message, name, JSON.parse(outcome))
  }
}

// in the order of one batch: what was there goes before what came, and mail is pending before it is taken
function replay(row: LogRow, sink: Sink): void {
  for (const name of row.s ?? []) sink.residents.delete(name)
  for (const [name, cell, reborn] of row.c ?? []) restoreCell(sink, name, cell, reborn === 1 || cell === null)
  replayParts(row, sink)
  replayEvents(row, sink)
  for (const envelope of unpackAll(row.m ?? [])) addPending(sink, envelope)
  for (const [message, name, outcome] of row.o ?? []) keepOutcome(sink, message, name, outcome)
  for (const id of row.t ?? []) {
    sink.pending.delete(id)
    sink.outcomes.delete(id)
  }
  for (const [id, letter] of row.l ?? []) sink.letters.set(id, letter)
}

function replayParts({ ps = [], p = [] }: LogRow, sink: Sink): void {
  for (const [actor, parts] of ps)
    for (const [name, value] of parts) residentOf(sink, actor).unsaved.parts.set(name, value)
  for (const [actor, name, value] of p) residentOf(sink, actor).unsaved.parts.set(name, value)
}

function replayEvents({ es = [], e = [] }: LogRow, sink: Sink): void {
  for (const [actor, stretches] of es) {
    const { events } = residentOf(sink, actor).unsaved
    for (const [first, correlationId, bodies] of stretches) events.push({ first, correlationId, bodies, batch: 0 })
  }
  for (const [actor, n, correlationId, body] of e)
    residentOf(sink, actor).unsaved.events.push({ first: n, correlationId, bodies: [body], batch: 0 })
}

function residentOf(sink: Sink, name: string): Resident {
  const known = sink.residents.get(name)
  if (known) return known
  const resident = createResident(name, undefined, true)
  resident.unsaved = nothingUnsaved()
  sink.residents.set(name, resident)
  return resident
}

function restoreCell(sink: Sink, name: string, cell: PackedCell | null, wiped: boolean): void {
  const resident = residentOf(sink, name)
  resident.cell = cell ? freeze(unpackCell(cell)) : undefined
  if (!wiped) return
  resident.wiped = true
  resident.unsaved = nothingUnsaved()
}

function addPending(sink: Sink, envelope: Envelope): void {
  sink.pending.set(envelope.id, createLetter(freeze(envelope), 0))
}

function keepOutcome(sink: Sink, message: string, name: string, outcome: Outcome): void {
  const outcomes = sink.outcomes.get(message) ?? new Map<string, Outcome>()
  sink.outcomes.set(message, outcomes.set(name, outcome))
}

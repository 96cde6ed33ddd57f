import { TerminalError } from '../../../errors.ts'
import { freeze } from '../../../kernel/json.ts'
import type { EffectOutcome, Envelope } from '../../../kernel/types.ts'
import { type CompactingMap, createCompactingMap } from '../../../lib/collections/compacting-map.ts'
import { logChecksum, rowChecksum } from '../../../store/database/checked-row.ts'
import type { DeadLetter } from '../../engine.ts'
import type { Activation, QueuedMessage } from '../activation/activation.ts'
import { createActivation, createQueuedMessage, createUnsaved } from '../activation/activation.ts'
import { type LogRow, type PackedCell, unpackCell, unpackEnvelopes } from '../codec.ts'
import { giveIds, type IdRow, type IdSink } from '../stored/ids.ts'
import { damagedMessage, type Readable, readMail, readOutcomes } from '../tables/mail.ts'

/** The state after a restart: the tables, plus the log since the last checkpoint. */
export type RecoveredState = {
  readonly activations: CompactingMap<string, Activation>
  /** pending mail, by id */
  readonly pending: Map<string, QueuedMessage>
  /** rows of the table `mail` by message id, also those that the log marks as taken: the next checkpoint drops them */
  readonly stored: Map<string, number>
  readonly letters: Map<string, DeadLetter | null>
  readonly firstLog: number
  readonly firstIds: number
  /** incomplete rows at the end of the log: they were never acknowledged, and the first flush deletes them */
  readonly torn: readonly number[]
  readonly last: number
  /** the last row of the table `mail` */
  readonly lastMail: number
  /** damaged rows of unknown actors */
  readonly damaged: readonly string[]
}

type Sink = Pick<RecoveredState, 'activations' | 'pending' | 'stored' | 'letters'> & {
  readonly outcomes: Map<string, Map<string, EffectOutcome>>
  readonly damaged: string[]
  lastMail: number
}

/** Reads the tables and the log. The ids of the log go to a sink. */
export function recover(database: Readable, ids: Omit<IdSink, 'damaged'>): RecoveredState {
  const sink: Sink = {
    activations: createCompactingMap(),
    pending: new Map(),
    stored: new Map(),
    letters: new Map(),
    outcomes: new Map(),
    damaged: [],
    lastMail: 0,
  }
  readTables(database, sink)
  const marker = readMarker(database)
  const { log, torn } = readLog(database)
  for (const { seq, data } of log) if (seq > marker) replay(JSON.parse(String(data)), sink)
  const given: IdSink = { ...ids, damaged: (row) => void sink.damaged.push(row) }
  for (const row of log.flatMap(idsIn)) giveIds(row, given)
  for (const [id, outcomes] of sink.outcomes) {
    const letter = sink.pending.get(id)
    if (letter && !letter.damage) letter.outcomes = outcomes
  }
  const last = torn.at(-1) ?? log.at(-1)?.seq ?? marker
  const [known] = database.all<{ readonly first: number | null }>('select min(seq) first from idempotency')
  return { ...sink, firstLog: log[0]?.seq ?? last + 1, firstIds: known?.first ?? 0, torn, last }
}

/** The last batch that the tables hold. Without a valid marker the whole log is replayed, which does no harm. */
function readMarker(database: Readable): number {
  const [row] = database.all<{ value: number; sum: number }>(`select value, sum from meta where name='checkpoint'`)
  return row && row.sum === rowChecksum([row.value]) ? row.value : 0
}

const idsIn = ({ seq, ids, ids_sum }: Row): readonly IdRow[] => (ids === null ? [] : [{ seq, ids, sum: ids_sum }])

type Row = {
  readonly seq: number
  readonly data: Buffer
  readonly ids: Buffer | null
  readonly sum: number
  readonly ids_sum: number
}
type Stored = Pick<Row, 'seq' | 'sum' | 'ids_sum'> & { readonly data: ArrayBuffer; readonly ids: ArrayBuffer | null }

/** The rows of the log. Incomplete rows at its end were never acknowledged and count as never written. */
function readLog(database: Readable): { readonly log: readonly Row[]; readonly torn: readonly number[] } {
  const log = readBytes(database)
  // there are several when several processes in a row died in their first flush
  const whole = log.slice(0, log.findLastIndex(isWhole) + 1)
  const damaged = whole.findIndex((row) => !isWhole(row))
  if (damaged === -1) return { log: whole, torn: log.slice(whole.length).map(({ seq }) => seq) }
  const what = `row ${log[damaged]!.seq} of the log is damaged, and whole ones follow it`
  throw new TerminalError(`${what}; restore the data folder from a backup.`, { code: 'corrupt' })
}

const isWhole = ({ seq, data, ids, sum }: Row): boolean => logChecksum(data, ids, seq) === sum

// libSQL aborts the process when it reads a text with invalid UTF-8
function readBytes(database: Readable): readonly Row[] {
  const sql = 'select seq, cast(data as blob) data, cast(ids as blob) ids, sum, ids_sum from log order by seq'
  const bytes = ({ data, ids, ...row }: Stored): Row => ({
    ...row,
    data: Buffer.from(data),
    ids: ids && Buffer.from(ids),
  })
  return database.all<Stored>(sql).map(bytes)
}

function readTables(database: Readable, sink: Sink): void {
  for (const { n, letter } of readMail(database)) {
    sink.lastMail = n
    if (letter) {
      sink.stored.set(letter.envelope.id, n)
      sink.pending.set(letter.envelope.id, letter)
    } else sink.damaged.push(`mail ${n}`)
  }
  for (const { message, recorded } of readOutcomes(database)) {
    const letter = sink.pending.get(message)
    if (recorded) keepOutcome(sink, message, ...recorded)
    else if (letter) sink.pending.set(message, damagedMessage(letter.envelope))
    else sink.damaged.push(`outcome of ${message}`)
  }
}

// the order within one batch: deletions before insertions, and mail is pending before it is taken
function replay(row: LogRow, sink: Sink): void {
  for (const name of row.finished ?? []) sink.activations.delete(name)
  for (const [name, cell, reborn] of row.cells ?? []) restoreCell(sink, name, cell, reborn === 1 || cell === null)
  replayParts(row, sink)
  replayEvents(row, sink)
  for (const envelope of unpackEnvelopes(row.mail ?? [])) addPending(sink, envelope)
  for (const [message, name, outcome] of row.outcomes ?? []) keepOutcome(sink, message, name, outcome)
  for (const id of row.taken ?? []) {
    sink.pending.delete(id)
    sink.outcomes.delete(id)
  }
  for (const [id, letter] of row.deadLetters ?? []) sink.letters.set(id, letter)
}

function replayParts({ parts = [] }: LogRow, sink: Sink): void {
  for (const [actor, written] of parts)
    for (const [name, value] of written) activationOf(sink, actor).unsaved.parts.set(name, value)
}

function replayEvents({ events = [] }: LogRow, sink: Sink): void {
  for (const [actor, ranges] of events) {
    const { unsaved } = activationOf(sink, actor)
    for (const [first, correlationId, bodies] of ranges) unsaved.events.push({ first, correlationId, bodies, batch: 0 })
  }
}

function activationOf(sink: Sink, name: string): Activation {
  const known = sink.activations.get(name)
  if (known) return known
  const activation = createActivation(name, undefined, true)
  activation.unsaved = createUnsaved()
  sink.activations.set(name, activation)
  return activation
}

function restoreCell(sink: Sink, name: string, cell: PackedCell | null, wiped: boolean): void {
  const activation = activationOf(sink, name)
  activation.cell = cell ? freeze(unpackCell(cell)) : undefined
  if (!wiped) return
  activation.wiped = true
  activation.unsaved = createUnsaved()
}

function addPending(sink: Sink, envelope: Envelope): void {
  sink.pending.set(envelope.id, createQueuedMessage(freeze(envelope), 0))
}

function keepOutcome(sink: Sink, message: string, name: string, outcome: EffectOutcome): void {
  const outcomes = sink.outcomes.get(message) ?? new Map<string, EffectOutcome>()
  sink.outcomes.set(message, outcomes.set(name, outcome))
}

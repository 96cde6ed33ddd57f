import type { Cell } from '../../../kernel/types.ts'
import { createPassing } from '../../../lib/compacting-map.ts'
import type { Rows, Value } from '../../../store/database/database.ts'
import type { DeadLetter } from '../../engine.ts'
import { eventsIn, type Letter, type Resident } from '../activation/activation.ts'
import { createRecent } from '../activation/activation-cache.ts'
import { packRow } from '../codec.ts'
import { isFew, rowsFor } from '../tables/inline-rows.ts'
import { type ActorRows, charactersIn, type ReadBeside, saveResident, together } from '../tables/rows.ts'
import { type Batch, leaveOut } from './batch.ts'

/** Moves what the log holds into the tables, in chunks that ride on later flushes, and then trims the log. */
export interface Checkpoint {
  /** The rows of those that are over with `batch`, before its text is made: they go along with its flush, and the log is told no more of them. */
  putAway(batch: Batch): readonly Rows[]
  /** The rows that go along with the flush of `batch`, if any; `pending`: the mail it leaves waiting. */
  ride(batch: Batch, pending: readonly Letter[], bytes: number): readonly Rows[] | undefined
  written(seq: number): void
  /** Whether the tables hold all of this actor. */
  isSaved(resident: Resident): boolean
  readonly letters: ReadonlyMap<string, DeadLetter | null>
}

export type Recovered = {
  readonly residents: Iterable<Resident>
  /** mail that is pending, by id */
  readonly pending: ReadonlyMap<string, Letter>
  /** all rows of the table `mail` by id, also those the log has already taken: they must go at the next checkpoint */
  readonly stored: ReadonlyMap<string, number>
  readonly lastMail: number
  readonly letters: ReadonlyMap<string, DeadLetter | null>
  readonly firstLog: number
  readonly firstIds: number
  /** rows at the end of the log that are not whole: never acknowledged, they go with the first flush */
  readonly torn: readonly number[]
  readonly readBeside: ReadBeside
  /** Whether an actor with that cell is not expected to change any more. */
  isOver(cell: Cell): boolean
  /** What was written of that actor is in the tables: if that is all of it, and it has nothing to do, it leaves memory. */
  evict(resident: Resident): void
  /** The first batch whose ids are still remembered. */
  remembered(): number
}

/**
 * A checkpoint begins after `bytes` of log, writes at most `chunk` rows of actors with a flush, or one actor, then trims `trim` log
 * rows with each. Actors whose rows have `stay` characters together, those written last, stay in memory; absent: none does.
 */
export type CheckpointLimits = {
  readonly bytes: number
  readonly chunk: number
  readonly trim: number
  readonly stay?: number
}
export const CHECKPOINT: CheckpointLimits = { bytes: 4 << 20, chunk: 512, trim: 64, stay: 1 << 20 }

/** Rows and characters that go along with any flush: a work of several flushes that meets a checkpoint waits for one portion with each. */
const LEAST = { rows: 48, characters: 64 * 1024 } as const
/** Twice as much as the flush itself tells of: what is written meanwhile never outruns the checkpoint. */
const AHEAD = 2

type Round = {
  readonly upto: number
  readonly residents: Resident[]
  /** those of them that are not written yet */
  readonly left: Set<Resident>
  readonly mail: readonly Letter[]
  readonly gone: readonly (readonly [id: string, row: number])[]
  readonly letters: ReadonlyMap<string, DeadLetter | null>
}

export function createCheckpoint(recovered: Recovered, limits: CheckpointLimits = CHECKPOINT): Checkpoint {
  const pending = createPassing(recovered.pending)
  const recent = createRecent(recovered.evict, limits.stay)
  const stored = new Map(recovered.stored)
  let lastMail = recovered.lastMail
  let dirty = new Set(recovered.residents)
  let letters = new Map(recovered.letters)
  let round: Round | undefined
  let bytes = 0
  let trimmed = recovered.firstLog - 1
  let marker = trimmed
  let torn = recovered.torn
  let remembered = recovered.firstIds
  let forgotten = remembered
  // what was written with a flush that is not on disk yet
  const saving: { readonly seq: number; readonly residents: readonly Saved[]; readonly letters: Round['letters'] }[] =
    []

  function note(batch: Batch, waiting: readonly Letter[]): void {
    for (const resident of batch.residents) {
      if (batch.over.has(resident)) forget(resident)
      else if (resident.cell || resident.stored) dirty.add(resident)
      else dirty.delete(resident)
    }
    for (const letter of waiting) pending.set(letter.envelope.id, letter)
    for (const letter of batch.taken) pending.delete(letter.envelope.id)
    for (const [id, letter] of batch.letters) letters.set(id, letter)
  }

  function forget(resident: Resident): void {
    dirty.delete(resident)
    round?.left.delete(resident)
  }

  function begin(upto: number): Round {
    // in the order of the table's key, last first: chunks are taken from the end
    const residents = [...dirty].sort((a, b) => (a.name < b.name ? 1 : -1))
    const gone = [...stored].filter(([id]) => !pending.has(id))
    const started = { upto, residents, left: dirty, mail: [...pending.values()], gone, letters }
    dirty = new Set()
    letters = new Map()
    bytes = 0
    return started
  }

  function chunk(current: Round, batch: Batch, size: number): readonly Rows[] {
    const { seq } = batch
    const most = {
      rows: Math.min(limits.chunk, Math.max(LEAST.rows, AHEAD * rowsIn(batch))),
      characters: Math.max(LEAST.characters, AHEAD * size),
    }
    const save = (resident: Resident) => saveResident(resident, seq, recovered.readBeside)
    const { residents, rows } = savePortion(current, most, save)
    saving.push({ seq, residents, letters: current.residents.length > 0 ? new Map() : current.letters })
    return current.residents.length > 0 ? rows : [...rows, ...finish(current)]
  }

  function finish(current: Round): Rows[] {
    const mail = current.mail.filter((letter) => letter.taken === 0)
    const fresh = mail.filter(({ envelope }) => !stored.has(envelope.id))
    for (const { envelope } of fresh) stored.set(envelope.id, ++lastMail)
    for (const [id] of current.gone) stored.delete(id)
    round = undefined
    marker = current.upto
    remembered = Math.max(remembered, recovered.remembered())
    return [
      ['mail', fresh.map(({ envelope }) => [stored.get(envelope.id)!, envelope.id, ...packRow(envelope)])],
      ['outcome', mail.flatMap(outcomeRows)],
      ['dropMail', current.gone.map(([, row]) => [row])],
      ['dropOutcomes', current.gone.map(([id]) => [id])],
      ...letterRows(current.letters),
      ['marker', [[current.upto]]],
    ]
  }

  // also while a checkpoint is under way: under steady work the next one begins when the last has ended
  function trim(): Rows[] {
    const rows: Rows[] = torn.length === 0 ? [] : [['dropTorn', torn.map((seq) => [seq])]]
    torn = []
    if (trimmed < marker) {
      trimmed = Math.min(marker, trimmed + limits.trim)
      rows.push(['keepIds', [[trimmed]]], ['trim', [[trimmed]]])
    }
    if (forgotten < remembered) {
      forgotten = Math.min(remembered, forgotten + limits.trim)
      rows.push(['dropIds', [[forgotten]]])
    }
    return rows
  }

  return {
    putAway(batch) {
      const over = batch.residents.filter((one) => one.cell && recovered.isOver(one.cell) && isNew(one))
      if (over.length === 0) return []
      for (const resident of over) leaveOut(batch, resident)
      saving.push({ seq: batch.seq, residents: over.map((resident) => ({ resident })), letters: new Map() })
      return over.flatMap((resident) => saveResident(resident, batch.seq, recovered.readBeside))
    },
    ride(batch, waiting, size) {
      note(batch, waiting)
      bytes += size
      if (!round && bytes > limits.bytes) round = begin(batch.seq)
      const rows = [...(round ? chunk(round, batch, size) : []), ...trim()]
      return rows.length > 0 ? rows : undefined
    },
    written(seq) {
      while (saving[0] && saving[0].seq <= seq) {
        for (const { resident, size } of saving.shift()!.residents) {
          resident.saving = resident.saving.filter(({ batch }) => batch > seq)
          if (size === undefined) recovered.evict(resident)
          else recent.add(resident, size)
        }
      }
    },
    isSaved: (resident) => !dirty.has(resident) && resident.saving.length === 0 && !round?.left.has(resident),
    get letters() {
      return new Map([...saving, round, { letters }].flatMap((stage) => [...(stage?.letters ?? [])]))
    },
  }
}

/** About as many rows as the tables will get of this batch. */
function rowsIn({ residents, parts, events }: Batch): number {
  let rows = residents.length
  for (const [resident, { size }] of parts) rows += rowsFor(resident, size, 0)
  for (const [resident, stretches] of events) rows += rowsFor(resident, 0, eventsIn(stretches))
  return rows
}

/** `size`: the characters of its rows, if it may be needed again soon; absent: it is over. */
type Saved = { readonly resident: Resident; readonly size?: number }

type Portion = { readonly residents: readonly Saved[]; readonly rows: readonly ActorRows[] }

/** Nothing of it lies in the tables or is on its way there, and all of it has room in a row. */
function isNew({ stored, wiped, saving, unsaved }: Resident): boolean {
  return !stored && !wiped && saving.length === 0 && isFew(unsaved)
}

/** Takes the last ones out of the list, up to so much, one at least: the longer a write, the longer all others wait. */
function savePortion(
  { residents, left }: Pick<Round, 'residents' | 'left'>,
  most: { readonly rows: number; readonly characters: number },
  save: (resident: Resident) => readonly ActorRows[],
): Portion {
  const taken: Saved[] = []
  const saved: ActorRows[] = []
  let { rows, characters } = most
  while (rows > 0 && characters > 0 && residents.length > 0) {
    const resident = residents.pop()!
    // it was over meanwhile
    if (!left.delete(resident)) continue
    const { parts, events } = resident.unsaved
    rows -= 1 + rowsFor(resident, parts.size, eventsIn(events))
    const own = save(resident)
    const size = charactersIn(own)
    characters -= size
    taken.push({ resident, size })
    saved.push(...own)
  }
  return { residents: taken, rows: together(saved) }
}

const outcomeRows = ({ envelope, outcomes }: Letter): Value[][] =>
  [...(outcomes ?? [])].map(([name, outcome]) => [envelope.id, name, JSON.stringify(outcome)])

function letterRows(letters: ReadonlyMap<string, DeadLetter | null>): Rows[] {
  const all = [...letters]
  return [
    ['letter', all.flatMap(([id, letter]) => (letter ? [[id, JSON.stringify(letter)]] : []))],
    ['dropLetter', all.flatMap(([id, letter]) => (letter ? [] : [[id]]))],
  ]
}

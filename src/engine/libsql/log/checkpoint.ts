import type { Cell } from '../../../kernel/types.ts'
import { createCompactingMap } from '../../../lib/collections/compacting-map.ts'
import type { Rows, Value } from '../../../store/database/database.ts'
import type { DeadLetter } from '../../engine.ts'
import { type Activation, countEvents, type QueuedMessage } from '../activation/activation.ts'
import { createActivationCache } from '../activation/activation-cache.ts'
import { packMailRow } from '../codec.ts'
import { estimateRows, fitsInline } from '../tables/inline-rows.ts'
import { type ActorRows, countCharacters, groupByStatement, type ReadInlined, saveActivation } from '../tables/rows.ts'
import { type LogBatch, omitFromLog } from './batch.ts'
import type { RecoveredState } from './recovery.ts'

/** Moves the content of the log into the tables, in chunks that join later flushes, and then trims the log. */
export interface Checkpoint {
  /** Writes actors that finish in `batch` to the tables, and leaves them out of its log text, before that is made. */
  writeThrough(batch: LogBatch): readonly Rows[]
  /** The rows to write with the flush of `batch`, if any. `pending`: the mail that still waits after this batch. */
  piggyback(batch: LogBatch, pending: readonly QueuedMessage[], bytes: number): readonly Rows[] | undefined
  written(seq: number): void
  /** Moves the log up to this batch into the tables and trims it, with the next flushes. */
  hasten(seq: number): void
  /** Whether that is not done yet. */
  isBehind(): boolean
  /** Whether the tables hold all data of this actor. */
  isSaved(activation: Activation): boolean
  readonly letters: ReadonlyMap<string, DeadLetter | null>
}

export type CheckpointOptions = Pick<RecoveredState, 'lastMail' | 'firstLog' | 'firstIds' | 'torn'> & {
  readonly activations: Iterable<Activation>
  /** pending mail, by id */
  readonly pending: ReadonlyMap<string, QueuedMessage>
  /** all rows of the table `mail` by id, also those that the log marks as taken: the next checkpoint deletes them */
  readonly stored: ReadonlyMap<string, number>
  readonly letters: ReadonlyMap<string, DeadLetter | null>
  readonly readInlined: ReadInlined
  /** Whether an actor with that cell is finished and will not change again. */
  isFinished(cell: Cell): boolean
  /** Called when the rows of an actor are in the tables. It leaves memory if it is idle and has no unsaved data. */
  evict(activation: Activation): void
  /** The first batch whose ids are still remembered. */
  remembered(): number
}

/**
 * A checkpoint begins after `bytes` of log. It writes at most `chunk` rows of actors with a flush, but at least one
 * actor, then trims `trim` log rows with each flush. The actors that were written last stay in memory, up to `stay`
 * characters of rows; absent: none stays.
 */
export type CheckpointLimits = {
  readonly bytes: number
  readonly chunk: number
  readonly trim: number
  readonly cacheBytes?: number
}
export const CHECKPOINT_LIMITS: CheckpointLimits = { bytes: 4 << 20, chunk: 512, trim: 64, cacheBytes: 1 << 20 }

/** Maximum rows and characters that join a flush: work of several flushes waits for one portion with each of them. */
const MIN_PORTION = { rows: 48, characters: 64 * 1024 } as const
/** A portion may be this many times as large as the flush itself, so that new writes never outrun the checkpoint. */
const PORTION_PER_FLUSH = 2

type CheckpointRound = {
  readonly upto: number
  readonly activations: Activation[]
  /** the part of the mail that is not written yet */
  readonly left: Set<Activation>
  readonly mail: readonly QueuedMessage[]
  readonly gone: readonly (readonly [id: string, row: number])[]
  readonly letters: ReadonlyMap<string, DeadLetter | null>
}

export function createCheckpoint(
  recovered: CheckpointOptions,
  limits: CheckpointLimits = CHECKPOINT_LIMITS,
): Checkpoint {
  const pending = createCompactingMap(recovered.pending)
  const recent = createActivationCache(recovered.evict, limits.cacheBytes)
  const stored = new Map(recovered.stored)
  let lastMail = recovered.lastMail
  let dirty = new Set(recovered.activations)
  let letters = new Map(recovered.letters)
  let round: CheckpointRound | undefined
  let bytes = 0
  let trimmed = recovered.firstLog - 1
  let marker = trimmed
  let torn = recovered.torn
  let remembered = recovered.firstIds
  let forgotten = remembered
  let hastened = 0
  // data of a flush that is not on disk yet
  const saving: {
    readonly seq: number
    readonly activations: readonly SavedActivation[]
    readonly letters: CheckpointRound['letters']
  }[] = []

  function note(batch: LogBatch, waiting: readonly QueuedMessage[]): void {
    for (const activation of batch.activations) {
      if (batch.finished.has(activation)) forget(activation)
      else if (activation.cell || activation.stored) dirty.add(activation)
      else dirty.delete(activation)
    }
    for (const letter of waiting) pending.set(letter.envelope.id, letter)
    for (const letter of batch.taken) pending.delete(letter.envelope.id)
    for (const [id, letter] of batch.letters) letters.set(id, letter)
  }

  function forget(activation: Activation): void {
    dirty.delete(activation)
    round?.left.delete(activation)
  }

  function begin(upto: number): CheckpointRound {
    // in the order of the table's key, reversed: chunks are taken from the end
    const activations = [...dirty].sort((a, b) => (a.name < b.name ? 1 : -1))
    const gone = [...stored].filter(([id]) => !pending.has(id))
    const started = { upto, activations, left: dirty, mail: [...pending.values()], gone, letters }
    dirty = new Set()
    letters = new Map()
    bytes = 0
    return started
  }

  function chunk(current: CheckpointRound, batch: LogBatch, size: number): readonly Rows[] {
    const { seq } = batch
    const most = {
      rows: Math.min(limits.chunk, Math.max(MIN_PORTION.rows, PORTION_PER_FLUSH * rowsIn(batch))),
      characters: Math.max(MIN_PORTION.characters, PORTION_PER_FLUSH * size),
    }
    const save = (activation: Activation) => saveActivation(activation, seq, recovered.readInlined)
    const { activations, rows } = savePortion(current, most, save)
    saving.push({ seq, activations, letters: current.activations.length > 0 ? new Map() : current.letters })
    return current.activations.length > 0 ? rows : [...rows, ...finish(current)]
  }

  function finish(current: CheckpointRound): Rows[] {
    const mail = current.mail.filter((letter) => letter.taken === 0)
    const fresh = mail.filter(({ envelope }) => !stored.has(envelope.id))
    for (const { envelope } of fresh) stored.set(envelope.id, ++lastMail)
    for (const [id] of current.gone) stored.delete(id)
    round = undefined
    marker = current.upto
    remembered = Math.max(remembered, recovered.remembered())
    return [
      ['mail', fresh.map(({ envelope }) => [stored.get(envelope.id)!, envelope.id, ...packMailRow(envelope)])],
      ['outcome', mail.flatMap(outcomeRows)],
      ['dropMail', current.gone.map(([, row]) => [row])],
      ['dropOutcomes', current.gone.map(([id]) => [id])],
      ...letterRows(current.letters),
      ['marker', [[current.upto]]],
    ]
  }

  // also while a checkpoint runs: under steady load the next one begins as soon as the last has ended
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
    writeThrough(batch) {
      const over = batch.activations.filter((one) => one.cell && recovered.isFinished(one.cell) && isUnstored(one))
      if (over.length === 0) return []
      for (const activation of over) omitFromLog(batch, activation)
      saving.push({ seq: batch.seq, activations: over.map((activation) => ({ activation })), letters: new Map() })
      return over.flatMap((activation) => saveActivation(activation, batch.seq, recovered.readInlined))
    },
    piggyback(batch, waiting, size) {
      note(batch, waiting)
      bytes += size
      if (!round && (bytes > limits.bytes || marker < hastened)) round = begin(batch.seq)
      const rows = [...(round ? chunk(round, batch, size) : []), ...trim()]
      return rows.length > 0 ? rows : undefined
    },
    written(seq) {
      while (saving[0] && saving[0].seq <= seq) {
        for (const { activation, size } of saving.shift()!.activations) {
          activation.saving = activation.saving.filter(({ batch }) => batch > seq)
          if (size === undefined) recovered.evict(activation)
          else recent.add(activation, size)
        }
      }
    },
    hasten: (seq) => void (hastened = seq),
    isBehind: () => trimmed < hastened,
    isSaved: (activation) => !dirty.has(activation) && activation.saving.length === 0 && !round?.left.has(activation),
    get letters() {
      return new Map([...saving, round, { letters }].flatMap((stage) => [...(stage?.letters ?? [])]))
    },
  }
}

/** Estimates the number of rows that the tables will get from this batch. */
function rowsIn({ activations, parts, events }: LogBatch): number {
  let rows = activations.length
  for (const [activation, { size }] of parts) rows += estimateRows(activation, size, 0)
  for (const [activation, ranges] of events) rows += estimateRows(activation, 0, countEvents(ranges))
  return rows
}

/** `size`: the characters of the actor's rows if the actor may be needed again soon; absent if it has ended. */
type SavedActivation = { readonly activation: Activation; readonly size?: number }

type Portion = { readonly activations: readonly SavedActivation[]; readonly rows: readonly ActorRows[] }

/** Whether an actor fits into one row: it is small, the tables hold none of its data, and none is being written. */
function isUnstored({ stored, wiped, saving, unsaved }: Activation): boolean {
  return !stored && !wiped && saving.length === 0 && fitsInline(unsaved)
}

/** Removes the last items from the list, at least one, up to a total size. A longer write would delay all others. */
function savePortion(
  { activations, left }: Pick<CheckpointRound, 'activations' | 'left'>,
  most: { readonly rows: number; readonly characters: number },
  save: (activation: Activation) => readonly ActorRows[],
): Portion {
  const taken: SavedActivation[] = []
  const saved: ActorRows[] = []
  let { rows, characters } = most
  while (rows > 0 && characters > 0 && activations.length > 0) {
    const activation = activations.pop()!
    // the actor ended in the meantime
    if (!left.delete(activation)) continue
    const { parts, events } = activation.unsaved
    rows -= 1 + estimateRows(activation, parts.size, countEvents(events))
    const own = save(activation)
    const size = countCharacters(own)
    characters -= size
    taken.push({ activation, size })
    saved.push(...own)
  }
  return { activations: taken, rows: groupByStatement(saved) }
}

const outcomeRows = ({ envelope, outcomes }: QueuedMessage): Value[][] =>
  [...(outcomes ?? [])].map(([name, outcome]) => [envelope.id, name, JSON.stringify(outcome)])

function letterRows(letters: ReadonlyMap<string, DeadLetter | null>): Rows[] {
  const all = [...letters]
  return [
    ['letter', all.flatMap(([id, letter]) => (letter ? [[id, JSON.stringify(letter)]] : []))],
    ['dropLetter', all.flatMap(([id, letter]) => (letter ? [] : [[id]]))],
  ]
}

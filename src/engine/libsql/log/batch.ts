import type { Json } from '../../../kernel/schema.ts'
import type { EffectOutcome } from '../../../kernel/types.ts'
import type { Rows } from '../../../store/database/database.ts'
import type { DeadLetter } from '../../engine.ts'
import type { Activation, EventRange, QueuedMessage, Unsaved } from '../activation/activation.ts'
import { type LogRow, type PackedCell, packCell, packEnvelopes } from '../codec.ts'
import { type KnownId, packIds } from '../idempotency.ts'
import { joinTexts, logEvents, logParts } from '../tables/inline-rows.ts'

/** Commits that become durable together. A batch contains its causes or follows them. */
export type LogBatch = {
  readonly seq: number
  turns: number
  readonly activations: Activation[]
  readonly wiped: Set<Activation>
  /** finished actors that were written directly to the tables: the log records only their names */
  readonly finished: Set<Activation>
  readonly parts: Map<Activation, Map<string, Json | null>>
  readonly events: Map<Activation, EventRange[]>
  readonly mail: QueuedMessage[]
  readonly taken: QueuedMessage[]
  readonly outcomes: { readonly message: QueuedMessage; readonly name: string; readonly outcome: EffectOutcome }[]
  readonly known: KnownId[]
  /** ids whose reply is sent once this batch is durable */
  readonly answered: KnownId[]
  readonly letters: Map<string, DeadLetter | null>
  /** statements that go directly into the tables */
  readonly rows: Rows[]
  /** resolved when the batch is durable, rejected when it cannot be */
  readonly waiters: DurabilityWaiter[]
}

/** A callback pair that waits for a batch to be durable. */
export type DurabilityWaiter = { resolve(): void; reject(error: Error): void }

export function createLogBatch(seq: number): LogBatch {
  return {
    seq,
    turns: 0,
    activations: [],
    wiped: new Set(),
    finished: new Set(),
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

export function isBatchEmpty({ activations, mail, taken, outcomes, known, letters, rows }: LogBatch): boolean {
  const items = activations.length + mail.length + taken.length + outcomes.length + known.length
  return items + letters.size + rows.length === 0
}

/** Lists an actor in a batch, once. */
export function listActivation(batch: LogBatch, activation: Activation): void {
  if (activation.listedIn === batch.seq) return
  activation.listedIn = batch.seq
  batch.activations.push(activation)
}

/** Handles an actor that stopped: its writes in this batch are dropped as well. */
export function wipeActivation(batch: LogBatch, activation: Activation): void {
  batch.wiped.add(activation)
  batch.parts.delete(activation)
  batch.events.delete(activation)
}

/** The ids that this batch stores or answers at present. */
export const serializeIds = ({ known }: LogBatch): string | undefined =>
  known.length === 0 ? undefined : JSON.stringify(packIds(known))

/** Makes the text of a batch now, before any later turn. Mail both sent and taken in it was never pending. */
export function serializeBatch(batch: LogBatch): { readonly text: string; readonly pending: readonly QueuedMessage[] } {
  const pending = batch.mail.filter((message) => message.taken !== batch.seq)
  const fields = [
    ...rowFields(batch, pending),
    ...writtenFields('parts', batch.parts, batch.finished, logParts),
    ...writtenFields('events', batch.events, batch.finished, logEvents),
  ]
  return { text: `{${joinTexts(fields)}}`, pending }
}

function rowFields(batch: LogBatch, pending: readonly QueuedMessage[]): readonly string[] {
  const outcomes = batch.outcomes.filter(({ message }) => message.taken !== batch.seq)
  const row: LogRow = {
    ...some(
      'cells',
      batch.activations.filter((one) => isLogged(one) && !batch.finished.has(one)).map((one) => cellEntry(batch, one)),
    ),
    ...some(
      'finished',
      [...batch.finished].map(({ name }) => name),
    ),
    ...some('mail', packEnvelopes(pending)),
    ...some(
      'taken',
      batch.taken.map(({ envelope }) => envelope.id),
    ),
    ...some(
      'outcomes',
      outcomes.map(({ message, name, outcome }) => [message.envelope.id, name, outcome] as const),
    ),
    ...some('deadLetters', [...batch.letters]),
  }
  const fields = JSON.stringify(row).slice(1, -1)
  return fields === '' ? [] : [fields]
}

/** The parts or events of this batch, by actor. Each activation keeps its text, which becomes its row in the tables. */
function writtenFields<Written>(
  field: 'parts' | 'events',
  written: ReadonlyMap<Activation, Written>,
  finished: ReadonlySet<Activation>,
  tell: (unsaved: Unsaved, written: Written) => string,
): readonly string[] {
  const entries: string[] = []
  for (const [activation, own] of written)
    if (!finished.has(activation))
      entries.push(`[${JSON.stringify(activation.name)},[${tell(activation.unsaved, own)}]]`)
  return entries.length === 0 ? [] : [`"${field}":[${joinTexts(entries)}]`]
}

/** Leaves a finished actor out of the log, with its changes in this batch. The log then no longer has all its text. */
export function omitFromLog(batch: LogBatch, activation: Activation): void {
  batch.finished.add(activation)
  activation.logged = true
  activation.unsaved.logged = undefined
}

/** An actor that was created and stopped within one batch is not logged. */
const isLogged = ({ cell, logged }: Activation) => cell !== undefined || logged

function cellEntry(batch: LogBatch, activation: Activation): readonly [string, PackedCell | null, 1?] {
  const cell = activation.cell ? packCell(activation.cell) : null
  activation.logged = cell !== null
  return cell && batch.wiped.has(activation) ? [activation.name, cell, 1] : [activation.name, cell]
}

const some = <Key extends keyof LogRow, Item>(key: Key, items: readonly Item[]) =>
  items.length > 0 ? { [key]: items } : undefined

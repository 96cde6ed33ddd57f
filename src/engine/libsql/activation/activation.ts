import type { Problem } from '../../../errors.ts'
import type { Json } from '../../../kernel/schema.ts'
import type { EffectOutcome, Envelope } from '../../../kernel/types.ts'
import type { Mailbox } from '../../mailbox.ts'
import { createQueue } from '../../queue.ts'

/** A message with its durability: the batches that sent and take it (0: none yet), and its journaled outcomes. */
export type QueuedMessage = {
  readonly envelope: Envelope
  readonly born: number
  taken: number
  outcomes: Map<string, EffectOutcome> | undefined
  /** why the actor cannot run: its stored data is damaged */
  readonly damage?: Problem
  forTurn?: true
}

/** An actor in memory, with everything that is not in the tables yet. */
export type Activation = Mailbox<QueuedMessage> & {
  /** the batch of its last commit */
  seq: number
  /** the last batch that lists it */
  listedIn: number
  /** it may have a row in `cell` */
  stored: boolean
  /** parts and events may be in that row, now or after the write in progress */
  compact: boolean
  /** the log may hold its cell */
  logged: boolean
  /** rows of parts and events in the tables belong to a deleted actor of the same name */
  wiped: boolean
  unsaved: Unsaved
  /** what a checkpoint is writing to the tables, until that batch is durable */
  saving: { readonly batch: number; readonly unsaved: Unsaved; readonly wiped: boolean }[]
}

/** Consecutive events of one commit: the first number, and all bodies. They may be shown once `batch` is durable. */
export type EventRange = {
  readonly first: number
  readonly correlationId: string
  readonly bodies: readonly Json[]
  readonly batch: number
}

/** Parts and events since the last checkpoint, and their text in the log. */
export type Unsaved = {
  readonly parts: Map<string, Json | null>
  readonly events: EventRange[]
  logged?: LoggedText | undefined
}

/** The data in the log: the latest parts and all events. `happened` counts events; `last` is the open range. */
export type LoggedText = { readonly parts: Map<string, string>; events: string; happened: number; last?: EventRange }

export const createUnsaved = (): Unsaved => ({ parts: new Map(), events: [] })

/** How many events there are. */
export const countEvents = (ranges: readonly EventRange[]) => ranges.reduce((sum, { bodies }) => sum + bodies.length, 0)

export const hasUnsaved = ({ unsaved: { parts, events } }: Activation) => parts.size + events.length > 0

export function createActivation(
  name: string,
  cell: Activation['cell'],
  stored: boolean,
  compact = stored,
): Activation {
  return {
    name,
    cell,
    queue: createQueue(),
    running: undefined,
    held: false,
    seq: 0,
    listedIn: 0,
    stored,
    compact,
    logged: stored,
    wiped: false,
    unsaved: createUnsaved(),
    saving: [],
    ready: false,
  }
}

export const createQueuedMessage = (envelope: Envelope, born: number, damage?: Problem): QueuedMessage => ({
  envelope,
  born,
  taken: 0,
  outcomes: undefined,
  ...(damage && { damage }),
})

/** A part that is not in the tables yet. `hidden`: the value in the tables is out of date. */
export function unsavedPart(
  activation: Activation,
  name: string,
): { readonly value: Json | undefined; readonly hidden: boolean } {
  const { saving } = activation
  let found = partIn(activation, name)
  for (let at = saving.length - 1; !found && at >= 0; at--) found = partIn(saving[at]!, name)
  return found ?? NOT_UNSAVED
}

const NOT_UNSAVED = { value: undefined, hidden: false } as const

/** A part in one layer of unsaved writes; undefined when the layer does not change it. */
function partIn({ unsaved, wiped }: Pick<Activation, 'unsaved' | 'wiped'>, name: string) {
  const value = unsaved.parts.get(name)
  return value !== undefined || wiped ? { value: value ?? undefined, hidden: true } : undefined
}

/**
 * Parts that are not in the tables yet, of those whose names begin with `prefix` and sort after `after`, with their
 * newest value (null: removed), and whether all rows in the tables are out of date.
 */
export function unsavedParts(
  activation: Activation,
  prefix: string,
  after: string,
): { readonly parts: ReadonlyMap<string, Json | null>; readonly wiped: boolean } {
  const { layers, wiped } = unsavedIn(activation)
  const newest = new Map<string, Json | null>()
  for (const { parts } of layers)
    for (const [name, value] of parts) if (name.startsWith(prefix) && name > after) newest.set(name, value)
  return { parts: newest, wiped }
}

/**
 * Events after a number that are not in the tables yet, in order, with those of the same commits, and whether all rows
 * in the tables are out of date. Events before the number are not read: a reader that follows closely asks often.
 */
export function unsavedEvents(
  activation: Activation,
  after: number,
): { readonly events: readonly EventRange[]; readonly wiped: boolean } {
  const { layers, wiped } = unsavedIn(activation)
  const found: EventRange[] = []
  for (const { events } of layers.toReversed()) {
    for (let at = events.length - 1; at >= 0; at--) {
      const range = events[at]!
      if (range.first + range.bodies.length <= after + 1) return { events: found.reverse(), wiped }
      found.push(range)
    }
  }
  return { events: found.reverse(), wiped }
}

/** The unsaved parts since the last wipe, oldest first. */
function unsavedIn({ stored, saving, unsaved, wiped }: Activation): {
  readonly layers: readonly Unsaved[]
  readonly wiped: boolean
} {
  const layers = [...saving, { unsaved, wiped }]
  const last = layers.findLastIndex((layer) => layer.wiped)
  const counting = layers.slice(Math.max(last, 0))
  return { layers: counting.map((layer) => layer.unsaved), wiped: !stored || last >= 0 }
}

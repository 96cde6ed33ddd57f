import { isDamageError } from '../../../kernel/faults.ts'
import type { Rows, Value } from '../../../store/database/database.ts'
import { type Activation, createUnsaved, type EventRange, type Unsaved } from '../activation/activation.ts'
import { encodeCell } from './cell.ts'
import { encodeInlined, mergeInlined } from './inline-rows.ts'

/** Reads the text inlined in an actor's cell row; null without one. Throws when it is damaged. */
export type ReadInlined = (name: string) => string | null

/** The statements for an actor's rows in the order of execution: deletions before insertions. */
const ORDER = [
  'dropCell',
  'dropParts',
  'dropEvents',
  'spreadPart',
  'spreadEvent',
  'cell',
  'cellAlone',
  'part',
  'dropPart',
  'event',
] as const

export type ActorRows = readonly [statement: (typeof ORDER)[number], rows: Rows[1]]

/** The rows of an actor's present state. Replaying the older log over them is safe: it has whole values in order. */
export function saveActivation(activation: Activation, seq: number, readInlined: ReadInlined): ActorRows[] {
  const { name, cell, wiped, unsaved } = activation
  const gone = activation.stored && (!cell || wiped)
  const before = activation.stored && activation.compact && !gone ? storedOf(activation, readInlined) : NOTHING_INLINED
  const whole = activation.stored && !gone ? withStored(activation, before) : unsaved
  activation.saving.push({ batch: seq, unsaved, wiped })
  activation.unsaved = createUnsaved()
  activation.wiped = false
  if (!cell) {
    activation.stored = false
    return gone ? dropRows(name, true) : []
  }
  const inlined = whole ? encodeInlined(whole) : null
  const spread = inlined === null && before !== DAMAGED_INLINED ? spreadRows(name, before) : []
  activation.stored = true
  activation.compact = inlined !== null
  const stored = encodeCell(cell)
  return [
    ...(gone ? dropRows(name, false) : []),
    ...spread,
    [before === DAMAGED_INLINED ? 'cellAlone' : 'cell', [[name, stored.cell, stored.index, inlined]]],
    ...(inlined === null ? rowsOf(name, unsaved) : []),
  ]
}

/** Inlined text is rewritten up to this size. Beyond it, parts and events get rows of their own, which stay. */
const MAX_REWRITTEN_CHARACTERS = 16 * 1024

/** The text inlined in a cell row, and unfinished writes of it. */
type StoredInlined = { readonly text: string | null; readonly later: Unsaved }
const NOTHING_INLINED: StoredInlined = { text: null, later: createUnsaved() }
/** Handles a text that cannot be read. It stays unchanged, and every reader of it gets an error. */
const DAMAGED_INLINED = Symbol('damaged')

function storedOf({ name, saving }: Activation, readInlined: ReadInlined): StoredInlined | typeof DAMAGED_INLINED {
  const born = saving.findLastIndex(({ wiped }) => wiped)
  const layers = saving.slice(Math.max(born, 0)).map(({ unsaved }) => unsaved)
  const parts = new Map(layers.flatMap((layer) => [...layer.parts]))
  const later = { parts, events: layers.flatMap(({ events }) => events) }
  try {
    return { text: born === -1 ? readInlined(name) : null, later }
  } catch (error) {
    if (isDamageError(error)) return DAMAGED_INLINED
    throw error
  }
}

/** All parts and events of a stored actor. Undefined if they have or get rows of their own, or are being written. */
function withStored(
  { saving, unsaved }: Activation,
  stored: StoredInlined | typeof DAMAGED_INLINED,
): Unsaved | undefined {
  if (stored === DAMAGED_INLINED || stored.text === null || saving.length > 0) return undefined
  return stored.text.length > MAX_REWRITTEN_CHARACTERS ? undefined : mergeInlined(stored.text, unsaved)
}

/** Separate rows for parts and events that were inlined in a cell row. */
function spreadRows(name: string, { text, later }: StoredInlined): ActorRows[] {
  const { parts, events } = text === null ? later : mergeInlined(text, later)
  const rows: ActorRows[] = [
    ['spreadPart', partRows(name, parts)],
    ['spreadEvent', events.flatMap((range) => eventRows(name, range))],
  ]
  return rows.filter(([, values]) => values.length > 0)
}

function partRows(name: string, parts: Unsaved['parts']): Value[][] {
  return [...parts].flatMap(([part, value]) => (value === null ? [] : [[name, part, JSON.stringify(value)]]))
}

function rowsOf(name: string, unsaved: Unsaved): ActorRows[] {
  return [
    ['part', partRows(name, unsaved.parts)],
    ['dropPart', [...unsaved.parts].flatMap(([part, value]) => (value === null ? [[name, part]] : []))],
    ['event', unsaved.events.flatMap((range) => eventRows(name, range))],
  ]
}

function eventRows(name: string, { first, correlationId, bodies }: EventRange): readonly Value[][] {
  return bodies.map((body, index) => [name, first + index, correlationId, JSON.stringify(body)])
}

const dropRows = (name: string, cellToo: boolean): ActorRows[] => [
  ...(cellToo ? [['dropCell', [[name]]] as const] : []),
  ['dropParts', [[name]]],
  ['dropEvents', [[name]]],
]

/** The rows of several actors, statement by statement: rows of one statement are written several at a time. */
export function groupByStatement(saved: readonly ActorRows[]): ActorRows[] {
  const each = Map.groupBy(saved, ([statement]) => statement)
  return ORDER.flatMap((statement) => {
    const rows = (each.get(statement) ?? []).flatMap(([, own]) => own)
    return rows.length > 0 ? [[statement, rows] as const] : []
  })
}

export function countCharacters(saved: readonly Rows[]): number {
  let characters = 0
  for (const [, rows] of saved)
    for (const row of rows) for (const value of row) if (typeof value === 'string') characters += value.length
  return characters
}

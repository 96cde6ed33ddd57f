import { isDamageError } from '../../../kernel/damage.ts'
import type { Rows, Value } from '../../../store/database/database.ts'
import { nothingUnsaved, type Resident, type Stretch, type Unsaved } from '../activation/activation.ts'
import { storedCell } from './cell.ts'
import { besideCell, withBeside } from './inline-rows.ts'

/** What lies beside an actor's cell in the tables; null when nothing does. Throws when it is damaged. */
export type ReadBeside = (name: string) => string | null

/** The statements of an actor's rows, in the order they are written: what goes before what comes. */
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

/** Rows of one actor. */
export type ActorRows = readonly [statement: (typeof ORDER)[number], rows: Rows[1]]

/** All of an actor as it is now; replaying the older log over it is safe, for the log holds whole values in order. */
export function saveResident(resident: Resident, seq: number, readBeside: ReadBeside): ActorRows[] {
  const { name, cell, wiped, unsaved } = resident
  const gone = resident.stored && (!cell || wiped)
  const before = resident.stored && resident.compact && !gone ? storedOf(resident, readBeside) : NOTHING
  const whole = resident.stored && !gone ? withStored(resident, before) : unsaved
  resident.saving.push({ batch: seq, unsaved, wiped })
  resident.unsaved = nothingUnsaved()
  resident.wiped = false
  if (!cell) {
    resident.stored = false
    return gone ? dropRows(name, true) : []
  }
  const beside = whole ? besideCell(whole) : null
  const spread = beside === null && before !== DAMAGED ? spreadRows(name, before) : []
  resident.stored = true
  resident.compact = beside !== null
  const stored = storedCell(cell)
  return [
    ...(gone ? dropRows(name, false) : []),
    ...spread,
    [before === DAMAGED ? 'cellAlone' : 'cell', [[name, stored.cell, stored.listed, beside]]],
    ...(beside === null ? rowsOf(name, unsaved) : []),
  ]
}

/** What lies beside a cell is written anew up to so many characters; more of it gets rows of its own, which stay as they are. */
const MOST_ANEW = 16 * 1024

/** The text beside a cell, and the writes that are on their way to it. */
type Stored = { readonly text: string | null; readonly later: Unsaved }
const NOTHING: Stored = { text: null, later: nothingUnsaved() }
/** The text cannot be read. It stays as it is, and a reader of any part of it gets an error. */
const DAMAGED = Symbol('damaged')

function storedOf({ name, saving }: Resident, readBeside: ReadBeside): Stored | typeof DAMAGED {
  const born = saving.findLastIndex(({ wiped }) => wiped)
  const layers = saving.slice(Math.max(born, 0)).map(({ unsaved }) => unsaved)
  const parts = new Map(layers.flatMap((layer) => [...layer.parts]))
  const later = { parts, events: layers.flatMap(({ events }) => events) }
  try {
    return { text: born === -1 ? readBeside(name) : null, later }
  } catch (error) {
    if (isDamageError(error)) return DAMAGED
    throw error
  }
}

/** All parts and events of a stored actor; undefined when they have rows of their own or get them, or are still being written. */
function withStored({ saving, unsaved }: Resident, stored: Stored | typeof DAMAGED): Unsaved | undefined {
  if (stored === DAMAGED || stored.text === null || saving.length > 0) return undefined
  return stored.text.length > MOST_ANEW ? undefined : withBeside(stored.text, unsaved)
}

/** Rows of their own for the parts and events that lay beside a cell. */
function spreadRows(name: string, { text, later }: Stored): ActorRows[] {
  const { parts, events } = text === null ? later : withBeside(text, later)
  const rows: ActorRows[] = [
    ['spreadPart', partRows(name, parts)],
    ['spreadEvent', events.flatMap((stretch) => eventRows(name, stretch))],
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
    ['event', unsaved.events.flatMap((stretch) => eventRows(name, stretch))],
  ]
}

function eventRows(name: string, { first, correlationId, bodies }: Stretch): readonly Value[][] {
  return bodies.map((body, index) => [name, first + index, correlationId, JSON.stringify(body)])
}

const dropRows = (name: string, cellToo: boolean): ActorRows[] => [
  ...(cellToo ? [['dropCell', [[name]]] as const] : []),
  ['dropParts', [[name]]],
  ['dropEvents', [[name]]],
]

/** The rows of several actors, statement by statement: rows of one statement are written several at a time. */
export function together(saved: readonly ActorRows[]): ActorRows[] {
  const each = Map.groupBy(saved, ([statement]) => statement)
  return ORDER.flatMap((statement) => {
    const rows = (each.get(statement) ?? []).flatMap(([, own]) => own)
    return rows.length > 0 ? [[statement, rows] as const] : []
  })
}

/** How many characters of text rows hold. */
export function charactersIn(saved: readonly Rows[]): number {
  let characters = 0
  for (const [, rows] of saved)
    for (const row of rows) for (const value of row) if (typeof value === 'string') characters += value.length
  return characters
}

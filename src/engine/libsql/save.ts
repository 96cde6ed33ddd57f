import type { Rows, Value } from '../../store/database.ts'
import { besideCell, withBeside } from './beside.ts'
import { nothingUnsaved, type Resident, type Stretch, type Unsaved } from './resident.ts'
import { storedCell } from './stored-cell.ts'

/** What lies beside an actor's cell in the tables; null when nothing does. */
export type ReadBeside = (name: string) => string | null

/** The statements of an actor's rows, in the order they are written: what goes before what comes. */
const ORDER = [
  'dropCell',
  'dropParts',
  'dropEvents',
  'spreadParts',
  'spreadEvents',
  'cell',
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
  const whole = resident.stored && !gone ? withStored(resident, readBeside) : unsaved
  resident.saving.push({ batch: seq, unsaved, wiped })
  resident.unsaved = nothingUnsaved()
  resident.wiped = false
  if (!cell) {
    resident.stored = false
    return gone ? dropRows(name, true) : []
  }
  const beside = whole ? besideCell(whole) : null
  const spread = resident.compact && !gone && beside === null ? SPREAD : []
  resident.stored = true
  resident.compact = beside !== null
  const stored = storedCell(cell)
  return [
    ...(gone ? dropRows(name, false) : []),
    ...spread.map((statement) => [statement, [[name]]] as const),
    ['cell', [[name, stored.cell, stored.listed, beside]]],
    ...(beside === null ? rowsOf(name, unsaved) : []),
  ]
}

/** What lies beside a cell is written anew up to so many characters; more of it gets rows of its own, which stay as they are. */
const MOST_ANEW = 16 * 1024

/** All parts and events of an actor whose row has those of before; undefined when they have rows of their own or get them, or are still being written. */
function withStored({ name, compact, saving, unsaved }: Resident, readBeside: ReadBeside) {
  const text = compact && saving.length === 0 ? readBeside(name) : null
  return text === null || text.length > MOST_ANEW ? undefined : withBeside(text, unsaved)
}

const SPREAD = ['spreadParts', 'spreadEvents'] as const

function rowsOf(name: string, unsaved: Unsaved): ActorRows[] {
  const parts = [...unsaved.parts]
  return [
    ['part', parts.flatMap(([part, value]) => (value === null ? [] : [[name, part, JSON.stringify(value)]]))],
    ['dropPart', parts.flatMap(([part, value]) => (value === null ? [[name, part]] : []))],
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

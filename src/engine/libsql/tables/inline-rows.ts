import type { Json } from '../../../kernel/schema.ts'
import type { NumberedEvent } from '../../engine.ts'
import { eventsIn, type Resident, type Stretch, type Told, type Unsaved } from '../activation/activation.ts'
import type { PackedStretch } from '../codec.ts'

/** Few and small enough to be read whole whenever one of them is read. */
const LIMITS = { parts: 128, events: 512, characters: 64 * 1024 } as const

/** The parts and events of an actor as text to lie beside its cell; null when there are none, or too many. */
export function besideCell(unsaved: Unsaved): string | null {
  const { parts, events } = unsaved
  const happened = eventsIn(events)
  if (parts.size + happened === 0 || !areFew(parts.size, happened)) return null
  const text = asTold(unsaved, happened) ?? asText(unsaved)
  return text.length > LIMITS.characters ? null : text
}

/** Whether it is few enough to lie beside a cell. */
export const isFew = ({ parts, events }: Unsaved): boolean => areFew(parts.size, eventsIn(events))

const areFew = (parts: number, events: number) => parts <= LIMITS.parts && events <= LIMITS.events

/** So many parts and events in one row take as long to write as a row of their own. */
const PER_ROW = 8

/** About as many rows as so many parts and events take of an actor that has all these to be written, beside the row of its cell. */
export function rowsFor({ stored, compact, unsaved }: Resident, parts: number, events: number): number {
  const liesBeside = (!stored || compact) && areFew(unsaved.parts.size, eventsIn(unsaved.events))
  return liesBeside ? Math.ceil((parts + events) / PER_ROW) : parts + events
}

/** Made of what the log was told, where that is all there is, and of its events nothing is said twice. */
function asTold({ parts, told = NOTHING_TOLD }: Unsaved, happened: number): string | undefined {
  if (told.parts.size !== parts.size || told.happened !== happened) return undefined
  const events = told.events === '' ? '' : told.events + END
  return `{"p":[${joined(textsOfThere(parts, told))}],"e":[${events}]}`
}

function* textsOfThere(parts: Unsaved['parts'], told: Told): Generator<string> {
  for (const [name, value] of parts) if (value !== null) yield told.parts.get(name)!
}

const nothingTold = (): Told => ({ parts: new Map(), events: '', happened: 0 })
const NOTHING_TOLD = nothingTold()

/** Texts in a row. Put together piece by piece, they are copied once, when the whole is written. */
export function joined(texts: Iterable<string>): string {
  let all = ''
  for (const text of texts) all = all === '' ? text : `${all},${text}`
  return all
}

function asText({ parts, events }: Unsaved): string {
  const beside: Beside = { p: [...parts].filter(isThere), e: packStretches(events) }
  return JSON.stringify(beside)
}

/** What lies beside a cell, as `besideCell` wrote it, with what came later: the log may hold again what lies there. */
export function withBeside(text: string, { parts, events }: Unsaved): Unsaved {
  const beside = JSON.parse(text) as Beside
  const later = events[0]?.first ?? Number.POSITIVE_INFINITY
  const earlier = beside.e.flatMap(([first, correlationId, bodies]) =>
    first < later ? [{ first, correlationId, bodies: bodies.slice(0, later - first), batch: 0 }] : [],
  )
  return { parts: new Map([...beside.p, ...parts]), events: [...earlier, ...events] }
}

/** The events that lie beside a cell. */
export function eventsBeside(text: string): readonly NumberedEvent[] {
  return (JSON.parse(text) as Beside).e.flatMap(([first, correlationId, bodies]) =>
    bodies.map((body, index) => ({ n: first + index, correlationId, body })),
  )
}

/** The parts that lie beside a cell, by name. */
export function partsBeside(text: string): ReadonlyMap<string, Json> {
  return new Map((JSON.parse(text) as Beside).p)
}

/** Parts of an actor as a row of the log has them: what is told of each is kept. */
export function tellParts(unsaved: Unsaved, parts: ReadonlyMap<string, Json | null>): string {
  unsaved.told ??= nothingTold()
  let row = ''
  for (const part of parts) {
    const text = JSON.stringify(part)
    unsaved.told.parts.set(part[0], text)
    row = row === '' ? text : `${row},${text}`
  }
  return row
}

/** Events of an actor as a row of the log has them: what is told of them is kept. */
export function tellEvents(unsaved: Unsaved, stretches: readonly Stretch[]): string {
  unsaved.told ??= nothingTold()
  const { told } = unsaved
  const text = JSON.stringify(packStretches(stretches)).slice(1, -1)
  told.events = withNext(told, stretches[0]!, text.slice(0, -END.length))
  told.happened += eventsIn(stretches)
  told.last = stretches.at(-1)!
  return text
}

/** Of one piece of work there is one stretch, told in however many batches. It is left open: to cut its end off each time would copy all before. */
function withNext({ events, last }: Told, next: Stretch, text: string): string {
  if (!last) return text
  if (!isOneWith(last, next)) return `${events}${END},${text}`
  const before = `[${next.first},${JSON.stringify(next.correlationId)},[`
  return `${events},${text.slice(before.length)}`
}

/** Of the bodies of a stretch, and of the stretch. */
const END = ']]'

const isOneWith = ({ first, correlationId, bodies }: Stretch, next: Stretch) =>
  correlationId === next.correlationId && first + bodies.length === next.first

function isThere(part: readonly [name: string, value: Json | null]): part is readonly [string, Json] {
  return part[1] !== null
}

type Beside = {
  readonly p: readonly (readonly [name: string, value: Json])[]
  readonly e: readonly PackedStretch[]
}

/** Stretches as they are written; those of one piece of work that follow one another become one. */
export function packStretches(stretches: readonly Stretch[]): readonly PackedStretch[] {
  const packed: [number, string, Json[]][] = []
  let last: Stretch | undefined
  for (const stretch of stretches) {
    const { first, correlationId, bodies } = stretch
    if (last && isOneWith(last, stretch)) for (const body of bodies) packed.at(-1)![2].push(body)
    else packed.push([first, correlationId, [...bodies]])
    last = stretch
  }
  return packed
}

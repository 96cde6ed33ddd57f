import type { Json } from '../../kernel/schema.ts'
import { eventsIn, type Resident, type Stretch, type Told, type Unsaved } from './resident.ts'

/** A stretch of events on disk: the number of the first, and the bodies of all. */
export type PackedStretch = readonly [first: number, correlationId: string, bodies: readonly Json[]]

/** Few and small enough to be read whole whenever one of them is read. */
const LIMITS = { parts: 64, events: 256, characters: 32 * 1024 } as const

/** The parts and events of an actor as text to lie beside its cell; null when there are none, or too many. */
export function besideCell(unsaved: Unsaved): string | null {
  const { parts, events } = unsaved
  const happened = eventsIn(events)
  if (parts.size + happened === 0 || !areFew(parts.size, happened)) return null
  const text = asTold(unsaved, happened) ?? asText(unsaved)
  return text.length > LIMITS.characters ? null : text
}

const areFew = (parts: number, events: number) => parts <= LIMITS.parts && events <= LIMITS.events

/** So many parts and events in one row take as long to write as a row of their own. */
const PER_ROW = 8

/** About as many rows as so many parts and events take of an actor that has all these to be written, beside the row of its cell. */
export function rowsFor({ stored, compact, unsaved }: Resident, parts: number, events: number): number {
  const liesBeside = (!stored || compact) && areFew(unsaved.parts.size, eventsIn(unsaved.events))
  return liesBeside ? Math.ceil((parts + events) / PER_ROW) : parts + events
}

/** Made of what the log was told, where that is all there is, and of its events nothing is said twice. */
function asTold({ parts, told }: Unsaved, happened: number): string | undefined {
  const texts = textsOf(told)
  if (texts.parts.size !== parts.size || texts.happened !== happened || isAnyGone(parts)) return undefined
  return `{"p":[${[...texts.parts.values()].join()}],"e":[${texts.events.join()}]}`
}

/** Of each part what was told of it last. */
function textsOf(told: readonly Told[]) {
  const parts = new Map<string, string>()
  const events: string[] = []
  let happened = 0
  for (const one of told) {
    if (one.of === 'parts') for (const [name, text] of one.texts) parts.set(name, text)
    else {
      events.push(one.text)
      happened += one.count
    }
  }
  return { parts, events, happened }
}

function isAnyGone(parts: Unsaved['parts']): boolean {
  for (const value of parts.values()) if (value === null) return true
  return false
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
  return { parts: new Map([...beside.p, ...parts]), events: [...earlier, ...events], told: [] }
}

/** Parts of an actor as a row of the log has them. */
export function tellParts(parts: ReadonlyMap<string, Json | null>): Told {
  const texts = new Map<string, string>()
  for (const part of parts) texts.set(part[0], JSON.stringify(part))
  return { of: 'parts', texts }
}

/** Events of an actor as a row of the log has them. */
export function tellEvents(stretches: readonly Stretch[]): Told {
  const text = JSON.stringify(packStretches(stretches)).slice(1, -1)
  return { of: 'events', count: eventsIn(stretches), text }
}

/** What a row of the log says of it. */
export const textOf = (told: Told) => (told.of === 'parts' ? [...told.texts.values()].join() : told.text)

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
  for (const { first, correlationId, bodies } of stretches) {
    const last = packed.at(-1)
    if (last && last[1] === correlationId && last[0] + last[2].length === first) {
      for (const body of bodies) last[2].push(body)
    } else packed.push([first, correlationId, [...bodies]])
  }
  return packed
}

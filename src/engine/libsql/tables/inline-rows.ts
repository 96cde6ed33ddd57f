import type { Json } from '../../../kernel/schema.ts'
import type { NumberedEvent } from '../../engine.ts'
import type { Activation, EventRange, LoggedText, Unsaved } from '../activation/activation.ts'
import { countEvents } from '../activation/activation.ts'
import type { PackedEventRange } from '../codec.ts'

/** Upper bounds for inlining: below these, reading all of them costs no more than reading one. */
const INLINE_LIMITS = { parts: 128, events: 512, characters: 64 * 1024 } as const

/** Encodes an actor's parts and events as the text inlined in its cell row; null when there are none, or too many. */
export function encodeInlined(unsaved: Unsaved): string | null {
  const { parts, events } = unsaved
  const happened = countEvents(events)
  if (parts.size + happened === 0 || !countsFitInline(parts.size, happened)) return null
  const text = encodeFromLogged(unsaved, happened) ?? encodeUnsaved(unsaved)
  return text.length > INLINE_LIMITS.characters ? null : text
}

export const fitsInline = ({ parts, events }: Unsaved): boolean => countsFitInline(parts.size, countEvents(events))

const countsFitInline = (parts: number, events: number) =>
  parts <= INLINE_LIMITS.parts && events <= INLINE_LIMITS.events

/** Writing this many inlined parts and events takes as long as writing one row. */
const ITEMS_PER_ROW = 8

/** Estimates the number of rows for the parts and events of an actor, besides its cell row. */
export function estimateRows({ stored, compact, unsaved }: Activation, parts: number, events: number): number {
  const isInlined = (!stored || compact) && countsFitInline(unsaved.parts.size, countEvents(unsaved.events))
  return isInlined ? Math.ceil((parts + events) / ITEMS_PER_ROW) : parts + events
}

/** Builds the text from the log's text, if that is complete and holds each event once. */
function encodeFromLogged({ parts, logged = NOTHING_LOGGED }: Unsaved, happened: number): string | undefined {
  if (logged.parts.size !== parts.size || logged.happened !== happened) return undefined
  const events = logged.events === '' ? '' : logged.events + RANGE_END
  return `{"parts":[${joinTexts(textsOfThere(parts, logged))}],"events":[${events}]}`
}

function* textsOfThere(parts: Unsaved['parts'], logged: LoggedText): Generator<string> {
  for (const [name, value] of parts) if (value !== null) yield logged.parts.get(name)!
}

const createLoggedText = (): LoggedText => ({ parts: new Map(), events: '', happened: 0 })
const NOTHING_LOGGED = createLoggedText()

/** Joins texts with commas. The engine copies a text that grew piece by piece only once, when the whole is written. */
export function joinTexts(texts: Iterable<string>): string {
  let all = ''
  for (const text of texts) all = all === '' ? text : `${all},${text}`
  return all
}

function encodeUnsaved({ parts, events }: Unsaved): string {
  const inlined: Inlined = { parts: [...parts].filter(isThere), events: packEventRanges(events) }
  return JSON.stringify(inlined)
}

/** Merges inlined text with later writes. The log may repeat inlined data. */
export function mergeInlined(text: string, { parts, events }: Unsaved): Unsaved {
  const inlined = JSON.parse(text) as Inlined
  const later = events[0]?.first ?? Number.POSITIVE_INFINITY
  const earlier = inlined.events.flatMap(([first, correlationId, bodies]) =>
    first < later ? [{ first, correlationId, bodies: bodies.slice(0, later - first), batch: 0 }] : [],
  )
  return { parts: new Map([...inlined.parts, ...parts]), events: [...earlier, ...events] }
}

export function inlinedEvents(text: string): readonly NumberedEvent[] {
  return (JSON.parse(text) as Inlined).events.flatMap(([first, correlationId, bodies]) =>
    bodies.map((body, index) => ({ n: first + index, correlationId, body })),
  )
}

export const inlinedParts = (text: string): ReadonlyMap<string, Json> => new Map((JSON.parse(text) as Inlined).parts)

/** Encodes parts for a log row, and keeps the text of each. */
export function logParts(unsaved: Unsaved, parts: ReadonlyMap<string, Json | null>): string {
  unsaved.logged ??= createLoggedText()
  let row = ''
  for (const part of parts) {
    const text = JSON.stringify(part)
    unsaved.logged.parts.set(part[0], text)
    row = row === '' ? text : `${row},${text}`
  }
  return row
}

/** Encodes events for a log row, and keeps their text. */
export function logEvents(unsaved: Unsaved, ranges: readonly EventRange[]): string {
  unsaved.logged ??= createLoggedText()
  const { logged } = unsaved
  const text = JSON.stringify(packEventRanges(ranges)).slice(1, -1)
  logged.events = withNext(logged, ranges[0]!, text.slice(0, -RANGE_END.length))
  logged.happened += countEvents(ranges)
  logged.last = ranges.at(-1)!
  return text
}

/**
 * Appends a range. Consecutive ranges of the same work are joined. The joined text stays open, because cutting off its
 * end each time would copy everything before.
 */
function withNext({ events, last }: LoggedText, next: EventRange, text: string): string {
  if (!last) return text
  if (!isContinuedBy(last, next)) return `${events}${RANGE_END},${text}`
  const before = `[${next.first},${JSON.stringify(next.correlationId)},[`
  return `${events},${text.slice(before.length)}`
}

/** Closes the bodies of a range, and the range. */
const RANGE_END = ']]'

const isContinuedBy = ({ first, correlationId, bodies }: EventRange, next: EventRange) =>
  correlationId === next.correlationId && first + bodies.length === next.first

function isThere(part: readonly [name: string, value: Json | null]): part is readonly [string, Json] {
  return part[1] !== null
}

type Inlined = {
  readonly parts: readonly (readonly [name: string, value: Json])[]
  readonly events: readonly PackedEventRange[]
}

/** Packs ranges for the tables. Ranges of the same work that follow one another become one. */
export function packEventRanges(ranges: readonly EventRange[]): readonly PackedEventRange[] {
  const packed: [number, string, Json[]][] = []
  let last: EventRange | undefined
  for (const range of ranges) {
    const { first, correlationId, bodies } = range
    if (last && isContinuedBy(last, range)) for (const body of bodies) packed.at(-1)![2].push(body)
    else packed.push([first, correlationId, [...bodies]])
    last = range
  }
  return packed
}

import { formatSpan } from '../lib/format.ts'
import { addTo } from '../lib/group.ts'
import { loopOf, type Span, type Stretch } from './stretches.ts'
import type { Line } from './timeline.ts'

/** A part of the critical path through a run. `step` absent: the time between steps. */
type PathPart = Span & { readonly step?: string; readonly kind: Stretch['kind'] | 'between' }

type Way = {
  readonly lines: ReadonlyMap<string, Line>
  /** the steps in each loop, and those in none, by their ends */
  readonly inside: ReadonlyMap<string | undefined, readonly Line[]>
  readonly parts: PathPart[]
  readonly seen: Set<Line>
  /** what is not told yet lies before this moment */
  at: number
}

/**
 * The critical path through a run: from its end, each time back to the step that held up the next one. Its parts are in
 * the order of time, do not overlap, and cover the run. Pure.
 */
export function criticalPath(lines: readonly Line[], { from, to }: Span): readonly PathPart[] {
  const inside = new Map<string | undefined, Line[]>()
  for (const line of lines) if (line.stretches.length > 0) addTo(inside, line.loop, line)
  for (const one of inside.values()) one.sort((a, b) => endOf(a) - endOf(b))
  const way: Way = {
    lines: new Map(lines.map((line) => [line.step.id, line])),
    inside,
    parts: [],
    seen: new Set(),
    at: to,
  }
  let next = lastBefore(way, undefined)
  while (next && way.at > from) {
    tell(way, undefined, 'between', endOf(next))
    next = goThrough(way, next)
  }
  tell(way, undefined, 'between', from)
  return way.parts.reverse()
}

const NONE: readonly Line[] = []
/** The end of a step is recorded after its place is free, so the next step in the place may begin so much earlier. */
const HANDOVER_MS = 100
const endOf = ({ stretches }: Line) => stretches.at(-1)?.to ?? 0
const readyOf = ({ stretches }: Line) => stretches[0]?.from ?? 0

function tell(way: Way, step: string | undefined, kind: PathPart['kind'], from: number): void {
  if (from >= way.at) return
  way.parts.push({ kind, from, to: way.at, ...(step !== undefined && { step }) })
  way.at = from
}

/** Tells a step, from its end back to what held it up, which is next. */
function goThrough(way: Way, line: Line): Line | undefined {
  const { id } = line.step
  way.seen.add(line)
  const inner = lastBefore(way, id)
  if (inner && endOf(inner) > readyOf(line)) {
    tell(way, id, 'work', endOf(inner))
    return inner
  }
  const before = holderOf(way, line)
  const begin = Math.max(readyOf(line), before ? endOf(before) : 0)
  for (const { kind, from } of line.stretches.toReversed()) tell(way, id, kind, Math.max(from, begin))
  if (before) return before
  return line.loop === undefined ? undefined : wayOut(way, line.loop)
}

/** From the begin of the steps in a loop back to what held up the loop. */
function wayOut(way: Way, loop: string): Line | undefined {
  const line = way.lines.get(loop)
  if (!line) return undefined
  const before = holderOf(way, line)
  const begin = Math.max(readyOf(line), before ? endOf(before) : 0)
  for (const { kind, from } of line.stretches.toReversed()) tell(way, loop, kind, Math.max(from, begin))
  return before ?? (line.loop === undefined ? undefined : wayOut(way, line.loop))
}

/** The step that ended last of those that a step needs; in a loop also one that may have had its place. */
function holderOf(way: Way, { step, loop, stretches }: Line): Line | undefined {
  const needed = neededBy(way, step.dependencies, loop).filter((line) => endOf(line) <= way.at && !way.seen.has(line))
  const before = needed.reduce<Line | undefined>(
    (last, line) => (last && endOf(last) >= endOf(line) ? last : line),
    undefined,
  )
  const [first] = stretches
  if (loop === undefined || first?.kind !== 'place') return before
  const freed = lastBefore(way, loop, Math.min(way.at, first.to + HANDOVER_MS))
  return freed && endOf(freed) > Math.max(first.from, before ? endOf(before) : 0) ? freed : before
}

/** Steps in the same loop, and in place of one that was skipped those that it needed. */
function neededBy(
  way: Way,
  ids: readonly string[],
  loop: string | undefined,
  tried = new Set<string>(),
): readonly Line[] {
  return ids.flatMap((id) => {
    const line = way.lines.get(id)
    if (!line || tried.has(id) || line.loop !== loop) return []
    tried.add(id)
    return line.stretches.length > 0 ? [line] : neededBy(way, line.step.dependencies, loop, tried)
  })
}

/** The step in a loop, or in none, that ended last until a moment, and is not on the way yet. */
function lastBefore(way: Way, loop: string | undefined, moment = way.at): Line | undefined {
  const all = way.inside.get(loop) ?? NONE
  let [low, high] = [0, all.length]
  while (low < high) {
    const middle = (low + high) >> 1
    if (endOf(all[middle]!) <= moment) low = middle + 1
    else high = middle
  }
  for (let at = low - 1; at >= 0; at--) if (!way.seen.has(all[at]!)) return all[at]
  return undefined
}

/** At most so many shares of a way are told by themselves. */
const MAX_SHARES = 4

/** The shares of a way, the longest first, in words. Pure. */
export function wordsOfPath(parts: readonly PathPart[]): readonly string[] {
  const shares = new Map<string, { ms: number; says: (span: string) => string }>()
  for (const { step, kind, from, to } of parts) {
    const name = step === undefined ? undefined : topOf(step)
    const says = SHARES[kind]
    const key = kind === 'place' || kind === 'between' ? kind : `${kind} ${name}`
    const share = shares.get(key) ?? { ms: 0, says: (span) => says(span, name ?? '') }
    share.ms += to - from
    shares.set(key, share)
  }
  const ordered = [...shares.values()].filter(({ ms }) => ms > 0).sort((a, b) => b.ms - a.ms)
  const rest = ordered.slice(MAX_SHARES).reduce((sum, { ms }) => sum + ms, 0)
  const told = ordered.slice(0, MAX_SHARES).map(({ ms, says }) => says(formatSpan(ms)))
  return rest > 0 ? [...told, `${formatSpan(rest)} other`] : told
}

/** The outermost loop around a step, or the step. */
function topOf(id: string): string {
  const loop = loopOf(id)
  return loop === undefined ? id : topOf(loop)
}

const SHARES: { readonly [Kind in PathPart['kind']]: (span: string, step: string) => string } = {
  work: (span, step) => `${span} in ${step}`,
  place: (span) => `${span} waiting for a place`,
  pause: (span, step) => `${span} between attempts of ${step}`,
  off: (span, step) => `${span} without a process for ${step}`,
  person: (span, step) => `${span} waiting for a person at ${step}`,
  money: (span, step) => `${span} waiting for money for ${step}`,
  code: (span, step) => `${span} waiting for the code of ${step}`,
  sleep: (span, step) => `${span} asleep in ${step}`,
  between: (span) => `${span} between steps`,
}

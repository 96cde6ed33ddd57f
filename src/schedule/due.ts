import type { ScheduleDefinition } from './definition.ts'
import type { NextInstant } from './instants.ts'
import type { Decision } from './state.ts'

/** An instant that is decided on later than this was missed: nothing could start then. */
const LATE_MS = 60_000
/** Instants that are made up for. */
const MAX_MADE_UP = 100
/** Instants that are looked at in one turn; earlier ones are missed without being counted. */
const MAX_LOOKED_AT = 5000

/** The instants that are due, and those that nothing makes up for. */
type Due = { readonly instants: readonly number[]; readonly missed: readonly Decision[] }

/** The instants after `seen` that are due now, as the rule for missed ones says. Pure. */
export function dueNow(
  next: NextInstant,
  { seen, now }: { readonly seen: number; readonly now: number },
  rule: ScheduleDefinition['missed'],
): Due {
  const from = beginning(next, seen, now)
  const all: number[] = []
  for (let at = next(from); at !== undefined && at <= now; at = next(at)) all.push(at)
  const late = all.filter((instant) => instant < now - LATE_MS)
  const onTime = all.slice(late.length)
  const made = madeUp(late, rule, onTime.length > 0)
  const dropped = late.slice(0, late.length - made.length)
  const [first, last] = [dropped[0], dropped.at(-1)]
  const instants = [...made, ...onTime]
  if (first === undefined) return { instants, missed: [] }
  const count = from === seen ? { count: dropped.length } : {}
  return { instants, missed: [{ type: 'missed', at: now, from: from === seen ? first : seen, to: last!, ...count }] }
}

/** Where to begin: after a year of sleep, a schedule of each second does not look at all of it. */
function beginning(next: NextInstant, seen: number, now: number): number {
  const first = next(seen)
  const second = first === undefined ? undefined : next(first)
  if (first === undefined || second === undefined) return seen
  const span = (second - first) * MAX_LOOKED_AT
  return now - seen > span ? now - span : seen
}

function madeUp(late: readonly number[], rule: ScheduleDefinition['missed'], isFollowed: boolean): readonly number[] {
  if (rule === 'all') return late.slice(-MAX_MADE_UP)
  // the next instant is there already
  return rule === 'last' && !isFollowed ? late.slice(-1) : []
}

import type { ScheduleDefinition } from './definition.ts'
import { type Instants, instantsAfter } from './instants.ts'
import { MAX_EACH, type StoredDecision } from './state.ts'

/** An instant that is decided on later than this was missed: nothing could start then. */
const LATE_MS = 60_000
/** Instants that are made up for. */
const MAX_MADE_UP = 100
/** Instants that are looked at one by one; earlier ones are counted. */
const MAX_LOOKED_AT = MAX_EACH + 2 * MAX_MADE_UP

/** The instants that are due, and those that nothing makes up for. */
type Due = { readonly instants: readonly number[]; readonly missed: readonly StoredDecision[] }

/** The instants after `seen` that are due now, as the rule for missed ones says. Pure. */
export function dueNow(
  instants: Instants,
  { seen, now }: { readonly seen: number; readonly now: number },
  rule: ScheduleDefinition['missed'],
): Due {
  const from = beginning(instants, seen, now)
  const all = instantsAfter(instants, from, MAX_LOOKED_AT, now)
  const late = all.filter((instant) => instant < now - LATE_MS)
  const onTime = all.slice(late.length)
  const made = madeUp(late, rule, onTime.length > 0)
  const dropped = late.slice(0, late.length - made.length)
  return { instants: [...made, ...onTime], missed: missedOf(instants, { seen, from, now }, dropped) }
}

/** Where to begin: after a year of sleep, a schedule of each second does not look at all of it. */
function beginning(instants: Instants, seen: number, now: number): number {
  if (instantsAfter(instants, seen, MAX_LOOKED_AT + 1, now).length <= MAX_LOOKED_AT) return seen
  let [low, high] = [seen, now]
  while (high - low > 1) {
    const middle = Math.floor((low + high) / 2)
    if (instants.count(middle, now) > MAX_LOOKED_AT) low = middle
    else high = middle
  }
  return high
}

function madeUp(late: readonly number[], rule: ScheduleDefinition['missed'], isFollowed: boolean): readonly number[] {
  if (rule === 'all') return late.slice(-MAX_MADE_UP)
  // the next instant is there already
  return rule === 'last' && !isFollowed ? late.slice(-1) : []
}

/** Each of the newest instants that were missed, and a count of those before. */
function missedOf(
  instants: Instants,
  { seen, from, now }: { readonly seen: number; readonly from: number; readonly now: number },
  dropped: readonly number[],
): readonly StoredDecision[] {
  const each = dropped.slice(-MAX_EACH)
  const more = dropped.slice(0, -MAX_EACH)
  const count = more.length + (from === seen ? 0 : instants.count(seen, from))
  const [first, to] = [from === seen ? more[0] : instants.next(seen), more.at(-1)]
  return [
    ...(first === undefined || to === undefined ? [] : [{ type: 'missed' as const, at: now, from: first, to, count }]),
    ...(each.length === 0 ? [] : [{ type: 'each' as const, at: now, instants: each }]),
  ]
}

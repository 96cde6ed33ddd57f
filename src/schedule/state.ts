import type { Problem } from '../errors.ts'

/** The decision about an instant, or about several that passed. Instants and times are ms since the epoch. */
export type Decision = { readonly at: number } & (
  | { readonly type: 'started'; readonly instant: number; readonly id: string }
  | { readonly type: 'skipped'; readonly instant: number; readonly why: string }
  | { readonly type: 'failed'; readonly instant: number; readonly problem: Problem }
  | { readonly type: 'missed'; readonly from: number; readonly to: number; readonly count?: number }
)

/** `each`: a decision of its own for each of its instants, in less room. `why`: they were skipped, not missed. */
export type StoredDecision = Decision | EachLeft
type EachLeft = {
  readonly type: 'each'
  readonly at: number
  readonly instants: readonly number[]
  readonly why?: string
}

/** The cell of a schedule. Its definition is in a part. */
export type ScheduleState = {
  /** the instants of `every` count from here; 0: it has no definition yet */
  readonly anchor: number
  /** part of the ids that it gives, so that nobody else takes them first */
  readonly nonce: string
  readonly isPaused: boolean
  /** all instants up to here are decided */
  readonly seen: number
  /** instants that are due, and wait for the work before them */
  readonly waiting: readonly number[]
  /** the newest comes last */
  readonly decisions: readonly StoredDecision[]
}

export const NEW_SCHEDULE: ScheduleState = {
  anchor: 0,
  nonce: '',
  isPaused: false,
  seen: 0,
  waiting: [],
  decisions: [],
}

/** Decisions that a schedule remembers; instants that were left at once count as one. */
const MAX_DECISIONS = 20
/** Instants of `each`; older ones have a count. */
export const MAX_EACH = 1000

/** The decisions with later ones; the oldest go. */
export function withDecisions(
  known: readonly StoredDecision[],
  more: readonly StoredDecision[],
): readonly StoredDecision[] {
  let room = MAX_EACH
  const fitting = [...known, ...more]
    .slice(-MAX_DECISIONS)
    .toReversed()
    .flatMap((one) => {
      if (one.type !== 'each') return [one]
      const counted = one.instants.slice(0, Math.max(0, one.instants.length - room))
      const listed = one.instants.slice(counted.length)
      room -= listed.length
      return [...(listed.length > 0 ? [{ ...one, instants: listed }] : []), ...countOf(one.at, counted)]
    })
  return fitting.toReversed()
}

function countOf(at: number, instants: readonly number[]): readonly Decision[] {
  const [from, to] = [instants[0], instants.at(-1)]
  return from === undefined || to === undefined ? [] : [{ type: 'missed', at, from, to, count: instants.length }]
}

/** The decisions as callers see them; the newest comes first. */
export const shownDecisions = (decisions: readonly StoredDecision[]): readonly Decision[] =>
  decisions.flatMap((one) => (one.type === 'each' ? eachOf(one) : [one])).toReversed()

const eachOf = ({ at, instants, why }: EachLeft): readonly Decision[] =>
  instants.flatMap((instant) =>
    why === undefined ? countOf(at, [instant]) : [{ type: 'skipped' as const, at, instant, why }],
  )

/** The id of the work that it started last. */
export const lastStarted = (decisions: readonly StoredDecision[]): string | undefined =>
  decisions.findLast((one) => one.type === 'started')?.id

/** Whether an instant was decided on. A clock that was set back comes to it again. */
export const isDecided = (decisions: readonly StoredDecision[], instant: number): boolean =>
  decisions.some((one) => {
    if (one.type === 'each') return one.why !== undefined && one.instants.includes(instant)
    return one.type !== 'missed' && one.instant === instant
  })

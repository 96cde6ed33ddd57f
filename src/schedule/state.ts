import type { Problem } from '../errors.ts'

/** The decision about an instant, or about several that passed. Instants and times are ms since the epoch. */
export type Decision = { readonly at: number } & (
  | { readonly type: 'started'; readonly instant: number; readonly id: string }
  | { readonly type: 'skipped'; readonly instant: number; readonly why: string }
  | { readonly type: 'failed'; readonly instant: number; readonly problem: Problem }
  | { readonly type: 'missed'; readonly from: number; readonly to: number; readonly count?: number }
)

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
  readonly decisions: readonly Decision[]
}

export const NEW_SCHEDULE: ScheduleState = {
  anchor: 0,
  nonce: '',
  isPaused: false,
  seen: 0,
  waiting: [],
  decisions: [],
}

/** Decisions that a schedule remembers. */
const MAX_DECISIONS = 20

/** The decisions with later ones; the oldest go. */
export const withDecisions = (known: readonly Decision[], more: readonly Decision[]): readonly Decision[] =>
  [...known, ...more].slice(-MAX_DECISIONS)

/** The id of the work that it started last. */
export const lastStarted = (decisions: readonly Decision[]): string | undefined =>
  decisions.findLast((one) => one.type === 'started')?.id

/** Whether an instant was decided on. A clock that was set back comes to it again. */
export const isDecided = (decisions: readonly Decision[], instant: number): boolean =>
  decisions.some((one) => one.type !== 'missed' && one.instant === instant)

import type { Goal, Rival, Row } from './row.ts'
import type { Figures } from './task.ts'

/** The least, the middle and the greatest of several rounds. */
export type Spread = { readonly min: number; readonly median: number; readonly max: number }

/** Whether a floor and an aim are reached, by the median; absent where none is set. */
export type Verdict = { readonly floor?: boolean; readonly aim?: boolean }

/** A row as it was measured, or why it was not. */
export type RowSummary = Omit<Row, 'against' | 'figure' | 'ours'> &
  (
    | {
        readonly ours: Spread
        readonly verdict: Verdict
        readonly against: readonly RivalSummary[]
        /** ms in which 99 of 100 operations ended: the median over the rounds */
        readonly p99?: number
        /** what one commit held, where that was counted */
        readonly batch?: number
        readonly absent?: undefined
      }
    | { readonly absent: string }
  )

/** A rival as it was measured: `ratio` is our figure by its own, round by round; or why it was not. */
export type RivalSummary = Omit<Rival, 'measurement' | 'figure'> &
  (
    | {
        readonly figure: Spread
        readonly ratio: Spread
        readonly verdict: Verdict
        readonly p99?: number
        readonly absent?: undefined
      }
    | { readonly absent: string }
  )

/** What the rounds of one measurement came to, or why there are none. */
export type Rounds = readonly Figures[] | { readonly absent: string }

/** The row of the table that the rounds of its measurements come to. */
export function summariseRow({ against, figure, ours, ...row }: Row, roundsOf: (name: string) => Rounds): RowSummary {
  const rounds = roundsOf(ours)
  if ('absent' in rounds) return { ...row, absent: rounds.absent }
  const own = figuresOf(rounds, figure)
  if (!own.every(Number.isFinite)) return { ...row, absent: 'it cannot be measured on this system' }
  return {
    ...row,
    ours: spreadOf(own),
    verdict: judge(spreadOf(own).median, row.better, row.goal),
    against: against.map((rival) => summariseRival(rival, own, figure, row.better, roundsOf(rival.measurement))),
    ...latencyOf(rounds, figure),
    ...medianOf(rounds, 'batch'),
  }
}

/** Min, median and max; the median of an even number is the mean of the two in the middle. */
export function spreadOf(numbers: readonly number[]): Spread {
  const sorted = [...numbers].sort((a, b) => a - b)
  const middle = sorted.length >> 1
  const median = sorted.length % 2 === 1 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2
  return { min: sorted[0]!, median, max: sorted.at(-1)! }
}

/** Whether a median reaches its goal. */
export function judge(median: number, better: Row['better'], { floor, aim }: Goal = {}): Verdict {
  const reaches = (goal: number) => (better === 'more' ? median >= goal : median <= goal)
  return {
    ...(floor !== undefined && { floor: reaches(floor) }),
    ...(aim !== undefined && { aim: reaches(aim) }),
  }
}

function summariseRival(
  { measurement: _, figure, ...rival }: Rival,
  own: readonly number[],
  usual: string,
  better: Row['better'],
  rounds: Rounds,
): RivalSummary {
  if ('absent' in rounds) return { ...rival, absent: rounds.absent }
  const name = figure ?? usual
  const theirs = figuresOf(rounds, name)
  const ratio = spreadOf(own.map((figure, round) => figure / theirs[round]!))
  return {
    ...rival,
    figure: spreadOf(theirs),
    ratio,
    verdict: judge(ratio.median, better, rival.goal),
    ...latencyOf(rounds, name),
  }
}

/** Beside what is counted per second, how long one took. */
function latencyOf(rounds: readonly Figures[], figure: string): { readonly p99?: number } {
  return figure === 'perSecond' ? medianOf(rounds, 'p99') : {}
}

/** The median of a figure over the rounds, by its name, where it was measured. */
function medianOf<Name extends string>(rounds: readonly Figures[], name: Name): { readonly [name in Name]?: number } {
  const { median } = spreadOf(figuresOf(rounds, name))
  return Number.isFinite(median) ? ({ [name]: median } as { readonly [name in Name]?: number }) : {}
}

function figuresOf(rounds: readonly Figures[], name: string): readonly number[] {
  return rounds.map((figures) => figures[name] ?? Number.NaN)
}

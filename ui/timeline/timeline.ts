import type { StepRow } from '../../src/client.ts'
import { formatSpan } from '../lib/format.ts'
import { loopOf, readyIn, type Span, type Stretch, stretchesOf, within } from './stretches.ts'

export type Line = {
  readonly step: StepRow
  /** the loop in which it is */
  readonly loop: string | undefined
  readonly stretches: readonly Stretch[]
}

/** A part of the axis; `isFolded`: nothing works in it, and it is drawn short. */
type Piece = {
  readonly from: number
  readonly to: number
  readonly x0: number
  readonly x1: number
  readonly isFolded: boolean
}

/** The lines of a run, and the pieces of their axis from 0 to 1. `zero`: the moment from which ticks count. */
export type Timeline = {
  readonly zero: number
  readonly lines: readonly Line[]
  readonly pieces: readonly Piece[]
  readonly from: number
  readonly to: number
}

/** The width of a folded piece, and the most that all of them take. */
const FOLD_WIDTH = 0.04
const MAX_FOLDED = 0.4
/** A stretch folds when it is longer than this part of all work. */
const FOLD_SHARE = 0.25
const MIN_FOLD_MS = 1000

/** Lays out the steps of a run; `to`: its end, or the present. Pure. */
export function timelineOf(steps: readonly StepRow[], from: number, to: number): Timeline {
  const end = Math.max(to, from + 1)
  const rows = new Map(steps.map((step) => [step.id, step]))
  const span = { from, to: end }
  const lines = steps.map((step) => {
    const loop = loopOf(step.id)
    return { step, loop, stretches: stretchesOf(step, readyIn(step, loop, rows) ?? from, span) }
  })
  const work = lines.flatMap(({ stretches }) => stretches.filter(({ kind }) => kind === 'work'))
  return { lines, pieces: piecesOf(unionOf(work), { from, to: end }), from, to: end, zero: from }
}

/** A range of a timeline: only the lines that have something in it. Pure. */
export function cutTo({ lines, zero }: Timeline, range: Span): Timeline {
  const isIn = ({ from, to }: Span) => from <= range.to && to >= range.from
  const cut = lines.flatMap((line) => {
    const stretches = line.stretches.filter(isIn).map((stretch) => ({
      ...stretch,
      from: Math.max(stretch.from, range.from),
      to: Math.min(stretch.to, range.to),
    }))
    return stretches.length === 0 ? [] : [{ ...line, stretches }]
  })
  const work = cut.flatMap(({ stretches }) => stretches.filter(({ kind }) => kind === 'work'))
  return { lines: cut, pieces: piecesOf(unionOf(work), range), ...range, zero }
}

function unionOf(spans: readonly Span[]): readonly Span[] {
  const union: { from: number; to: number }[] = []
  for (const { from, to } of spans.toSorted((a, b) => a.from - b.from)) {
    const last = union.at(-1)
    if (last && from <= last.to) last.to = Math.max(last.to, to)
    else union.push({ from, to })
  }
  return union
}

/** Pieces in the order of time. Long stretches without work are folded, unless nothing would be left. */
function piecesOf(work: readonly Span[], all: Span): readonly Piece[] {
  const worked = work.reduce((sum, { from, to }) => sum + to - from, 0)
  const least = Math.max(MIN_FOLD_MS, worked * FOLD_SHARE)
  const gaps = gapsOf(work, all).filter(({ from, to }) => to - from > least)
  const whole = all.to - all.from
  const open = whole - gaps.reduce((sum, { from, to }) => sum + to - from, 0)
  if (gaps.length === 0 || worked === 0 || open <= 0) return [{ ...all, x0: 0, x1: 1, isFolded: false }]
  const fold = Math.min(FOLD_WIDTH, MAX_FOLDED / gaps.length)
  const scale = (1 - fold * gaps.length) / open
  const pieces: Piece[] = []
  let [at, x] = [all.from, 0]
  const add = (to: number, width: number, isFolded: boolean) => {
    if (to <= at) return
    pieces.push({ from: at, to, x0: x, x1: x + width, isFolded })
    at = to
    x += width
  }
  for (const { from, to } of gaps) {
    add(from, (from - at) * scale, false)
    add(to, fold, true)
  }
  add(all.to, (all.to - at) * scale, false)
  return pieces
}

function gapsOf(work: readonly Span[], { from, to }: Span): readonly Span[] {
  const edges = [{ from, to: from }, ...work, { from: to, to }]
  return edges.slice(1).map((next, index) => ({ from: edges[index]!.to, to: next.from }))
}

/** The place of a moment on the axis, from 0 to 1. Pure. */
export function placeOf({ pieces, from }: Pick<Timeline, 'pieces' | 'from'>, time: number): number {
  const piece = pieces.find(({ to }) => time <= to) ?? pieces.at(-1)!
  const share = (Math.max(time, from) - piece.from) / (piece.to - piece.from)
  return Math.min(1, piece.x0 + (piece.x1 - piece.x0) * Math.min(1, share))
}

/** The moment at a place of the axis. Pure. */
export function momentAt({ pieces }: Pick<Timeline, 'pieces'>, x: number): number {
  const piece = pieces.find(({ x1 }) => x <= x1) ?? pieces.at(-1)!
  const share = (within(x, piece.x0, piece.x1) - piece.x0) / (piece.x1 - piece.x0)
  return piece.from + (piece.to - piece.from) * share
}

/** Marks of an axis of some pixels, at round times after the begin of the run. None is cut off at its end. Pure. */
export function ticksOf(timeline: Timeline, width: number): readonly { readonly x: number; readonly ms: number }[] {
  const { pieces, zero } = timeline
  const most = Math.min(MAX_TICKS, Math.max(1, Math.floor(width / TICK_WIDTH) - 1))
  const least = TICK_WIDTH / width
  const open = pieces.filter(({ isFolded }) => !isFolded).reduce((sum, piece) => sum + piece.to - piece.from, 0)
  const step = STEPS.find((each) => open / each <= most) ?? Math.ceil(open / most / DAY_MS) * DAY_MS
  const ticks: { x: number; ms: number }[] = []
  for (const piece of pieces) {
    if (piece.isFolded) continue
    const first = Math.ceil((piece.from - zero) / step) * step
    for (let ms = first; ms <= piece.to - zero; ms += step) {
      const x = placeOf(timeline, zero + ms)
      const hasRoom = x - (ticks.at(-1)?.x ?? -1) >= least && 1 - x >= least
      if (hasRoom) ticks.push({ x, ms })
    }
  }
  return ticks
}

/** The text of a mark: a time after the begin of the run. `step`: the least ms between two marks. Pure. */
export const tickLabel = (ms: number, step: number): string =>
  ms === 0 ? '0' : `+${step < 1000 && ms >= 1000 ? `${ms / 1000} s` : formatSpan(ms)}`

/** The pixels of a mark with its text, and the most marks of an axis. */
const TICK_WIDTH = 66
const MAX_TICKS = 6
const DAY_MS = 86_400_000
const STEPS = [
  1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 2000, 5000, 10_000, 15_000, 30_000, 60_000, 120_000, 300_000,
].concat([600_000, 1_800_000, 3_600_000, 7_200_000, 21_600_000, 43_200_000, DAY_MS])

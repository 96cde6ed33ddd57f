/** What is counted, by its OpenTelemetry name; from it follows how Prometheus calls it. */
export type Metric = {
  readonly name: string
  readonly help: string
  /** as UCUM has it: `s`, `By`, `{turn}`; braces and nothing are counts */
  readonly unit: string
}
export type Labels = { readonly [name: string]: string }
export type Point<Value> = { readonly labels: Labels; readonly value: Value }
/** `counts` has one more than `bounds`: those above the last. */
export type Distribution = {
  readonly bounds: readonly number[]
  readonly counts: readonly number[]
  readonly sum: number
  readonly count: number
}

/** A metric with all that it has counted. */
export type Family = Metric &
  (
    | { readonly type: 'counter' | 'gauge'; readonly points: readonly Point<number>[] }
    | { readonly type: 'histogram'; readonly points: readonly Point<Distribution>[] }
  )

export interface Counter {
  add(amount: number, labels?: Labels): void
}
export interface Histogram {
  record(value: number, labels?: Labels): void
}

/** Counts of one process. */
export interface Registry {
  counter(metric: Metric): Counter
  histogram(metric: Metric, bounds: readonly number[]): Histogram
  /** What is counted elsewhere, and read when somebody looks. */
  read(type: 'counter' | 'gauge', metric: Metric, read: () => readonly Point<number>[]): void
  families(): readonly Family[]
  /** ms since the epoch */
  readonly since: number
}

export function createRegistry(): Registry {
  const readers: (() => Family)[] = []
  return {
    since: Date.now(),
    counter(metric) {
      const series = createSeries(() => ({ value: 0 }))
      readers.push(() => ({ ...metric, type: 'counter', points: pointsOf(series.all(), ({ value }) => value) }))
      return { add: (amount, labels) => void (series.of(labels).value += amount) }
    },
    histogram(metric, bounds) {
      const series = createSeries(() => ({ counts: new Array<number>(bounds.length + 1).fill(0), sum: 0, count: 0 }))
      readers.push(() => ({
        ...metric,
        type: 'histogram',
        points: pointsOf(series.all(), ({ counts, sum, count }) => ({ bounds, counts: [...counts], sum, count })),
      }))
      return {
        record(value, labels) {
          const into = series.of(labels)
          into.counts[placeIn(bounds, value)]!++
          into.sum += value
          into.count++
        },
      }
    },
    read: (type, metric, read) => void readers.push(() => ({ ...metric, type, points: read() })),
    families: () => readers.map((read) => read()),
  }
}

function placeIn(bounds: readonly number[], value: number): number {
  const place = bounds.findIndex((bound) => value <= bound)
  return place === -1 ? bounds.length : place
}

/** Combinations of labels that one metric keeps apart; all others are counted together. */
const MOST = 500
const OVERFLOW: Labels = { 'otel.metric.overflow': 'true' }
const NO_LABELS: Labels = {}

type Series<State> = { of(labels?: Labels): State; all(): readonly Kept<State>[] }
type Kept<State> = { readonly labels: Labels; readonly state: State }

function createSeries<State>(create: () => State): Series<State> {
  const kept = new Map<string, Kept<State>>()
  // who counts often does so with the same labels
  const same = new WeakMap<Labels, Kept<State>>()
  const keep = (key: string, labels: Labels) => {
    const made = { labels, state: create() }
    kept.set(key, made)
    return made
  }
  const overflow = () => kept.get('') ?? keep('', OVERFLOW)
  return {
    of(labels = NO_LABELS) {
      const before = same.get(labels)
      if (before) return before.state
      const key = JSON.stringify(labels)
      const known = kept.get(key) ?? (kept.size < MOST ? keep(key, labels) : overflow())
      same.set(labels, known)
      return known.state
    },
    all: () => [...kept.values()],
  }
}

function pointsOf<State, Value>(all: readonly Kept<State>[], value: (state: State) => Value): readonly Point<Value>[] {
  return all.map(({ labels, state }) => ({ labels, value: value(state) }))
}

/** A metric by its OpenTelemetry name; the Prometheus name follows from it. */
export type Metric = {
  readonly name: string
  readonly help: string
  /** as UCUM has it: `s`, `By`, `{turn}`; braces and nothing are counts */
  readonly unit: string
}
export type MetricLabels = { readonly [name: string]: string }
export type MetricPoint<Value> = { readonly labels: MetricLabels; readonly value: Value }
/** A histogram; `counts` has one more entry than `bounds`, for values above the last bound. */
export type Distribution = {
  readonly bounds: readonly number[]
  readonly counts: readonly number[]
  readonly sum: number
  readonly count: number
}

export type MetricFamily = Metric &
  (
    | { readonly type: 'counter' | 'gauge'; readonly points: readonly MetricPoint<number>[] }
    | { readonly type: 'histogram'; readonly points: readonly MetricPoint<Distribution>[] }
  )

interface Counter {
  add(amount: number, labels?: MetricLabels): void
}
interface Histogram {
  record(value: number, labels?: MetricLabels): void
}

/** The metrics of one process. */
export interface MetricRegistry {
  counter(metric: Metric): Counter
  histogram(metric: Metric, bounds: readonly number[]): Histogram
  /** Registers a metric that is counted elsewhere and read on demand. */
  read(type: 'counter' | 'gauge', metric: Metric, read: () => readonly MetricPoint<number>[]): void
  families(): readonly MetricFamily[]
  /** ms since the epoch */
  readonly since: number
}

export function createMetricRegistry(): MetricRegistry {
  const readers: (() => MetricFamily)[] = []
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

/** Maximum label combinations of a metric; further ones share one overflow series. */
const MAX_SERIES = 500
const OVERFLOW_LABELS: MetricLabels = { 'otel.metric.overflow': 'true' }
const NO_LABELS: MetricLabels = {}

type SeriesStore<State> = { of(labels?: MetricLabels): State; all(): readonly LabelledState<State>[] }
type LabelledState<State> = { readonly labels: MetricLabels; readonly state: State }

function createSeries<State>(create: () => State): SeriesStore<State> {
  const states = new Map<string, LabelledState<State>>()
  // callers often reuse the same label object
  const same = new WeakMap<MetricLabels, LabelledState<State>>()
  const keep = (key: string, labels: MetricLabels) => {
    const made = { labels, state: create() }
    states.set(key, made)
    return made
  }
  const overflow = () => states.get('') ?? keep('', OVERFLOW_LABELS)
  return {
    of(labels = NO_LABELS) {
      const before = same.get(labels)
      if (before) return before.state
      const key = JSON.stringify(labels)
      const known = states.get(key) ?? (states.size < MAX_SERIES ? keep(key, labels) : overflow())
      same.set(labels, known)
      return known.state
    },
    all: () => [...states.values()],
  }
}

function pointsOf<State, Value>(
  all: readonly LabelledState<State>[],
  value: (state: State) => Value,
): readonly MetricPoint<Value>[] {
  return all.map(({ labels, state }) => ({ labels, value: value(state) }))
}

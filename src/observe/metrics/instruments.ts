import type { ObserverListener } from '../observer.ts'
import type { ActorEventRecord, SpanAttributes } from '../semantic-conventions.ts'
import { createMetricRegistry, type MetricLabels, type MetricRegistry } from './registry.ts'

/** Seconds, from half a millisecond to ten minutes. */
const SECONDS_BUCKETS = [
  0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300, 600,
]
const TOKEN_BUCKETS = [1, 4, 16, 64, 256, 1024, 4096, 16384, 65536, 262144, 1048576]

/** Counts spans and events; `registry` holds the counts. */
export function createMetrics(
  registry: MetricRegistry = createMetricRegistry(),
): ObserverListener & { readonly registry: MetricRegistry } {
  const counts = countsIn(registry)
  return {
    registry,
    ended(info, noted, ms) {
      const { error } = noted
      const failed: MetricLabels = error === undefined ? {} : { 'error.type': error }
      if (info.name === 'request-answer') counts.requests.record(ms / 1000, requestLabels(info, noted))
      if (info.name === 'tool-call')
        counts.tools.record(
          ms / 1000,
          error === undefined ? toolOf(info.tool) : { 'gen_ai.tool.name': info.tool, ...failed },
        )
      if (info.name === 'model-call') countCall(counts, info, noted, ms / 1000, failed)
    },
    tell(fact) {
      switch (fact.name) {
        case 'event-keep':
          return countEvent(counts, fact)
        case 'flush-end':
          return counts.flushes.record(fact.ms / 1000)
        case 'letter-keep':
          return counts.letters.add(1, { 'antiphon.actor.kind': kindOf(fact.to), 'error.type': fact.code })
        case 'effect-fail':
          return counts.failures.add(1, {
            'antiphon.actor.kind': kindOf(fact.actor),
            'error.type': fact.code,
            'antiphon.retried': String(fact.delay !== undefined),
          })
        case 'disk-fail':
          return counts.faults.add(1, { 'error.type': fact.code })
        case 'export-fail':
          return counts.unsent.add(1, { 'antiphon.signal': fact.what })
        case 'stream-open':
          return counts.opened.add(1)
        case 'stream-close':
          return counts.closed.add(1)
      }
    },
  }
}

function countsIn(registry: MetricRegistry) {
  const { counter, histogram } = registry
  const time = (name: string, help: string) => histogram({ name, help, unit: 's' }, SECONDS_BUCKETS)
  return {
    requests: time('http.server.request.duration', 'How long HTTP requests took until their answer began.'),
    opened: counter({ name: 'antiphon.streams.opened', help: 'Event streams that were opened.', unit: '{stream}' }),
    closed: counter({ name: 'antiphon.streams.closed', help: 'Event streams that have ended.', unit: '{stream}' }),
    started: counter({ name: 'antiphon.runs.started', help: 'Runs that began.', unit: '{run}' }),
    runs: time('antiphon.run.duration', 'How long runs took, by how they ended.'),
    steps: time('antiphon.step.duration', 'How long steps took, by how they ended.'),
    asks: counter({ name: 'antiphon.asks', help: 'Asks that have ended, by how.', unit: '{ask}' }),
    phases: time('antiphon.phase.duration', 'How long phases took, by how they ended.'),
    tools: time('antiphon.tool.duration', 'How long tools took.'),
    calls: time('gen_ai.client.operation.duration', 'How long models took.'),
    tokens: histogram(
      { name: 'gen_ai.client.token.usage', help: 'Tokens of model calls.', unit: '{token}' },
      TOKEN_BUCKETS,
    ),
    cached: counter({
      name: 'antiphon.model.cached_tokens',
      help: 'Tokens of inputs that providers read from their cache, or wrote into it.',
      unit: '{token}',
    }),
    cost: counter({
      name: 'antiphon.model.cost',
      help: 'What model calls cost, where the price is known.',
      unit: 'USD',
    }),
    flushes: time('antiphon.flush.duration', 'How long flushes took, from the writer to the disk and back.'),
    failures: counter({
      name: 'antiphon.effect.failures',
      help: 'Attempts of effects that failed.',
      unit: '{attempt}',
    }),
    letters: counter({ name: 'antiphon.deadletters', help: 'Messages that failed for good.', unit: '{message}' }),
    unsent: counter({ name: 'antiphon.exports.failed', help: 'Exports of telemetry that failed.', unit: '{export}' }),
    faults: counter({ name: 'antiphon.disk.failures', help: 'Writes that the disk refused.', unit: '{write}' }),
  }
}
type Counts = ReturnType<typeof countsIn>

function requestLabels(
  { method }: { readonly method: string },
  { route = 'none', status = 500 }: SpanAttributes,
): MetricLabels {
  return {
    'http.request.method': KNOWN_METHODS.has(method) ? method : '_OTHER',
    'http.route': route,
    'http.response.status_code': String(status),
  }
}
const KNOWN_METHODS: ReadonlySet<string> = new Set(['GET', 'POST', 'PUT', 'PATCH', 'DELETE', 'HEAD', 'OPTIONS'])

function countCall(
  counts: Counts,
  info: { readonly model: string },
  noted: SpanAttributes,
  seconds: number,
  failed: MetricLabels,
): void {
  const { model = info.model, input, output, cacheRead, cacheWrite, cost } = noted
  const labels = modelLabels(model)
  counts.calls.record(seconds, { ...labels, ...failed })
  if (input !== undefined) counts.tokens.record(input, { ...labels, 'gen_ai.token.type': 'input' })
  if (output !== undefined) counts.tokens.record(output, { ...labels, 'gen_ai.token.type': 'output' })
  if (cacheRead !== undefined) counts.cached.add(cacheRead, { ...labels, 'antiphon.cache': 'read' })
  if (cacheWrite !== undefined) counts.cached.add(cacheWrite, { ...labels, 'antiphon.cache': 'write' })
  if (cost !== undefined) counts.cost.add(cost, labels)
}

/** The labels that the semantic conventions ask for on every model call. */
export function modelLabels(model: string): MetricLabels {
  const slash = model.indexOf('/')
  return {
    'gen_ai.operation.name': 'chat',
    'gen_ai.provider.name': slash === -1 ? 'unknown' : model.slice(0, slash),
    'gen_ai.request.model': slash === -1 ? model : model.slice(slash + 1),
  }
}

/** Counts events of runs and asks only: other actors can emit anything. */
function countEvent({ started, runs, steps, asks, phases }: Counts, { of, body, index }: ActorEventRecord): void {
  const kind = kindOf(of)
  if (kind !== 'run' && kind !== 'chain') return
  const { type, status, ms } = body as { readonly type?: unknown; readonly status?: unknown; readonly ms?: unknown }
  if (type === 'step-start') return
  const labels = statusOf(String(status))
  if (type === 'run-start') started.add(1)
  if (type === 'run-end') runs.record(lasted(index) / 1000, labels)
  if (type === 'step-end' && typeof ms === 'number') steps.record(ms / 1000, labels)
  if (type === 'ask-end') asks.add(1, labels)
  if (type === 'phase-end' && typeof ms === 'number')
    phases.record(ms / 1000, { ...labels, 'antiphon.phase': String((body as { phase?: unknown }).phase) })
}

function lasted(index: ActorEventRecord['index']): number {
  const { startedAt = 0, finishedAt = startedAt } = index ?? {}
  return Math.max(0, Number(finishedAt) - Number(startedAt))
}

/** Labels of one field, one object for each value: there are few. */
function labelsOf(name: string): (value: string) => MetricLabels {
  const made = new Map<string, MetricLabels>()
  return (value) => {
    const known = made.get(value) ?? { [name]: value }
    if (made.size < 100) made.set(value, known)
    return known
  }
}
const statusOf = labelsOf('antiphon.status')
const toolOf = labelsOf('gen_ai.tool.name')

const kindOf = (of: string) => of.slice(0, of.indexOf('/'))

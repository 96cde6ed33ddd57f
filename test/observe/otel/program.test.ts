import { metrics, context as otelContext, SpanKind, trace } from '@opentelemetry/api'
import { AsyncLocalStorageContextManager } from '@opentelemetry/context-async-hooks'
import {
  AggregationTemporality,
  InMemoryMetricExporter,
  MeterProvider,
  PeriodicExportingMetricReader,
} from '@opentelemetry/sdk-metrics'
import { InMemorySpanExporter, type ReadableSpan, SimpleSpanProcessor, TracerProvider } from '@opentelemetry/sdk-trace'
import { expect, onTestFinished, test } from 'vitest'
import { fromForward, toForward } from '../../../src/http/server/forwarded.ts'
import { createObserver } from '../../../src/observe/create-observer.ts'
import { createMetrics } from '../../../src/observe/metrics/instruments.ts'
import { createMetricRegistry } from '../../../src/observe/metrics/registry.ts'
import { callerOf, findProvider, ROOT, runIn } from '../../../src/observe/otel/context.ts'
import { createOtel } from '../../../src/observe/otel/otel.ts'
import { openProgramOtel } from '../../../src/observe/otel/program.ts'
import { readOtelSettings } from '../../../src/observe/otel/settings.ts'
import { readTraceparent } from '../../../src/observe/traceparent.ts'
import { traceVariables, workTrace } from '../../../src/observe/work-trace.ts'
import { openReceiver } from '../otlp.ts'

const REQUEST = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01'

const PARTS = { shown: <Value>(value: Value): Value => value, isReplayed: false, failed: (_: string, __: string) => {} }

/** An observer of a program that has a provider of its own, with a context manager or without. */
function observe({ isManaged = true, isReplayed = false } = {}) {
  const exporter = new InMemorySpanExporter()
  const provider = new TracerProvider({ spanProcessors: [new SimpleSpanProcessor({ exporter })] })
  const context = new AsyncLocalStorageContextManager().enable()
  onTestFinished(() => void context.disable())
  const otel = openProgramOtel({ trace: provider, ...(isManaged && { context }) }, { ...PARTS, isReplayed })
  const observer = createObserver([{ ended() {}, tell: otel.tell }], otel.traces)
  const tracer = provider.getTracer('program')
  const named = (name: string) => exporter.getFinishedSpans().filter((span) => span.name === name)
  const turn = <T>(actor: string, place: string | undefined, work: () => T) =>
    observer.span(
      { name: 'turn-take', actor, message: 'request', work: 'r1', ...(place !== undefined && { trace: place }) },
      work,
    )
  const keep = (type: string, place: string | undefined, more: object = {}) =>
    observer.tell({
      name: 'event-keep',
      of: 'run/r1',
      n: 1,
      work: 'r1',
      body: { type, ...more },
      index: { name: 'Report', startedAt: 1_795_239_642_518, finishedAt: 1_795_239_645_659 },
      ...(place !== undefined && { trace: place }),
    })
  return { observer, exporter, context, tracer, named, turn, keep }
}

const parentOf = ({ parentSpanContext }: ReadableSpan) => parentSpanContext?.spanId
const idOf = (span: ReadableSpan | undefined) => span?.spanContext().spanId

test('a run begins with a short span, which has its steps, and ends with one that is linked to it', () => {
  const { turn, keep, named, exporter } = observe()
  const place = turn('run/r1', REQUEST, () => workTrace(REQUEST, 'r1'))
  expect(named('begin run Report')).toEqual([])
  keep('run-start', place)
  const [begun] = named('begin run Report')
  expect(readTraceparent(place)).toMatchObject({ spanId: idOf(begun), traceId: '0af7651916cd43dd8448eb211c80319c' })
  expect(parentOf(begun!)).toBe('b7ad6b7169203331')
  turn('step/r1.a', place, () => undefined)
  keep('run-end', place, { status: 'failed' })
  expect(parentOf(named('turn step')[0]!)).toBe(idOf(begun))
  const [ended] = named('run Report')
  expect(parentOf(ended!)).toBe(idOf(begun))
  expect(ended!.links.map(({ context }) => context.spanId)).toEqual([idOf(begun)])
  expect(ended).toMatchObject({ status: { code: 2 }, startTime: [1_795_239_642, 518_000_000] })
  expect(exporter.getFinishedSpans().map(({ name }) => name)).toEqual([
    'turn run',
    'begin run Report',
    'turn step',
    'run Report',
  ])
})

test('a turn that is taken again begins the run once', () => {
  const { turn, keep, named } = observe()
  turn('run/r1', REQUEST, () => workTrace(REQUEST, 'r1'))
  const place = turn('run/r1', REQUEST, () => workTrace(REQUEST, 'r1'))
  keep('run-start', place)
  keep('step-start', place)
  expect(named('begin run Report').map(idOf)).toEqual([readTraceparent(place)?.spanId])
})

test('a message of a run to itself leaves its place as it is', () => {
  const { turn } = observe()
  const place = turn('run/r1', REQUEST, () => workTrace(REQUEST, 'r1'))
  expect(turn('run/r1', place, () => workTrace(place, 'r1'))).toBe(place)
  expect(turn('run/r2', place, () => workTrace(place, 'r2'))).not.toBe(place)
  const ours = workTrace(REQUEST, 'r1')
  expect(workTrace(ours, 'r1')).toBe(ours)
})

test('an engine that takes turns again has the place of the request', () => {
  const { turn, keep, exporter } = observe({ isReplayed: true })
  const [first, second] = [1, 2].map(() => turn('run/r1', REQUEST, () => workTrace(REQUEST, 'r1')))
  expect(first).toBe(second)
  expect(readTraceparent(first)).toEqual(readTraceparent(REQUEST))
  keep('run-start', first)
  expect(exporter.getFinishedSpans().map(({ name }) => name)).toEqual(['turn run', 'turn run'])
  expect(turn('run/r1', undefined, () => workTrace(undefined, 'r1'))).toBeUndefined()
})

test('turns and effects in no trace make no span; the run that they begin has a trace of its own', () => {
  const { observer, turn, keep, named, exporter } = observe()
  const place = turn('schedule/s1', undefined, () =>
    observer.span({ name: 'effect-run', effect: 'look' }, () => workTrace(undefined, 'r1')),
  )
  expect(exporter.getFinishedSpans()).toEqual([])
  keep('run-start', place)
  expect(parentOf(named('begin run Report')[0]!)).toBeUndefined()
  observer.span({ name: 'model-call', model: 'lab/one' }, () => undefined)
  expect(named('chat one')).toHaveLength(1)
})

test.each([true, false])('with a context manager (%s), calls are children of the step', (isManaged) => {
  const { observer, turn, named } = observe({ isManaged })
  turn('step/r1.a', REQUEST, () =>
    observer.span({ name: 'tool-call', tool: 'look' }, () => {
      expect(traceVariables()).toEqual({ TRACEPARENT: observer.trace() })
      return observer.span({ name: 'model-call', model: 'lab/one' }, () => undefined)
    }),
  )
  const [tool] = named('execute_tool look')
  expect(parentOf(tool!)).toBe(idOf(named('turn step')[0]))
  expect(parentOf(named('chat one')[0]!)).toBe(idOf(tool))
  expect(traceVariables()).toEqual({})
})

test('a span of the program is active in its own code: calls of the library join it, and so do processes', () => {
  const { observer, context, tracer, named, turn } = observe()
  const within = <T>(name: string, work: () => T): T => {
    const span = tracer.startSpan(name, { kind: SpanKind.SERVER }, context.active())
    try {
      return context.with(trace.setSpan(context.active(), span), work)
    } finally {
      span.end()
    }
  }
  const place = within('POST /orders', () => {
    observer.span({ name: 'request-answer', id: 'q1', method: 'POST', trace: REQUEST }, (note) =>
      note({ route: '/v1/runs' }),
    )
    // the loop of the engine runs where a request has woken it
    turn('run/r2', REQUEST, () => undefined)
    turn('schedule/s1', undefined, () => expect(observer.trace()).toBeUndefined())
    return observer.trace('r1')
  })
  const [request] = named('POST /orders')
  expect(readTraceparent(place)?.spanId).toBe(idOf(request))
  expect(named('POST /v1/runs')[0]).toMatchObject({ kind: SpanKind.INTERNAL })
  expect(parentOf(named('POST /v1/runs')[0]!)).toBe(idOf(request))
  expect(parentOf(named('turn run')[0]!)).toBe('b7ad6b7169203331')
  turn('step/r1.a', place, () =>
    observer.span({ name: 'tool-call', tool: 'look' }, () =>
      within('SELECT', () => {
        expect(traceVariables().TRACEPARENT).toBe(observer.trace())
        observer.span({ name: 'model-call', model: 'lab/one' }, () => undefined)
      }),
    ),
  )
  expect(parentOf(named('SELECT')[0]!)).toBe(idOf(named('execute_tool look')[0]))
  expect(parentOf(named('chat one')[0]!)).toBe(idOf(named('SELECT')[0]))
})

test('a provider that does nothing gives no place', () => {
  const noop = { getTracer: () => trace.getTracer('none') }
  const { traces } = openProgramOtel({ trace: noop }, PARTS)
  const observer = createObserver([], traces)
  observer.span({ name: 'tool-call', tool: 'look' }, () => {
    expect(observer.trace()).toBeUndefined()
    expect(traceVariables()).toEqual({})
  })
  observer.span({ name: 'turn-take', actor: 'run/r1', message: 'request', work: 'r1' }, () =>
    expect(workTrace(undefined, 'r1')).toBeUndefined(),
  )
})

/** An object whose named method throws. The objects that its other methods return throw there, too. */
function throwing<T extends object>(target: T, method: string): T {
  return new Proxy(target, {
    get(_, key) {
      const value: unknown = Reflect.get(target, key)
      if (typeof value !== 'function') return value
      return (...given: unknown[]) => {
        if (key === method) throw new Error(`${method} is broken`)
        const result: unknown = Reflect.apply(value, target, given)
        return typeof result === 'object' && result !== null && key !== 'active' ? throwing(result, method) : result
      }
    },
  })
}

test.each([
  ...['getTracer', 'startSpan', 'spanContext', 'updateName', 'setAttributes', 'setStatus', 'end'],
  ...['active', 'with', 'getMeter', 'createCounter', 'add', 'createHistogram', 'record'],
  ...['createObservableGauge', 'createObservableCounter', 'addCallback', 'removeCallback'],
])('a provider that throws in `%s` does not harm the work, and the log names it once', async (method) => {
  const told: unknown[] = []
  const context = new AsyncLocalStorageContextManager().enable()
  onTestFinished(() => void context.disable())
  const reader = new PeriodicExportingMetricReader({
    exporter: new InMemoryMetricExporter(AggregationTemporality.CUMULATIVE),
    exportIntervalMillis: 60_000,
  })
  onTestFinished(() => reader.shutdown())
  const provider = { trace: new TracerProvider(), context, metrics: new MeterProvider({ readers: [reader] }) }
  const otel = openProgramOtel(
    {
      trace: throwing<TracerProvider>(provider.trace, method),
      context: throwing<AsyncLocalStorageContextManager>(context, method),
      metrics: throwing<MeterProvider>(provider.metrics, method),
    },
    { ...PARTS, failed: (_, because) => told.push(because) },
  )
  const { tell, ended, registry } = createMetrics(otel.registry)
  const observer = createObserver(
    [
      { ended, tell },
      { ended() {}, tell: otel.tell },
    ],
    otel.traces,
  )
  registry.read('gauge', { name: 'antiphon.work.active', help: 'Work.', unit: '{work}' }, () => [])
  registry.read('counter', { name: 'antiphon.engine.turns', help: 'Turns.', unit: '{turn}' }, () => [])
  let calls = 0
  const place = observer.span({ name: 'turn-take', actor: 'run/r1', message: 'm', work: 'r1', trace: REQUEST }, () => {
    calls++
    traceVariables()
    return workTrace(REQUEST, 'r1')
  })
  const keep = (body: object) =>
    observer.tell({
      name: 'event-keep',
      of: 'run/r1',
      n: 1,
      work: 'r1',
      body,
      index: {},
      ...(place && { trace: place }),
    })
  keep({ type: 'run-start' })
  keep({ type: 'run-end', status: 'failed' })
  observer.tell({ name: 'stream-open' })
  const error = new Error('The tool failed.')
  const call = () =>
    observer.span({ name: 'request-answer', id: 'q1', method: 'POST' }, (note): string => {
      calls++
      note({ route: '/v1/runs' })
      throw error
    })
  expect(call).toThrow(error)
  expect(await observer.span({ name: 'tool-call', tool: 'look' }, async () => 'found')).toBe('found')
  expect(calls).toBe(2)
  await otel.close()
  expect(told).toEqual([`${method} is broken`])
})

test('work runs once in a context whose manager fails after it, and its result and its error stay', () => {
  const broken = {
    with(_: unknown, work: () => void) {
      work()
      throw new Error('broken')
    },
  }
  const told: unknown[] = []
  const call = callerOf((error) => told.push(error))
  const run = <T>(work: () => T) => runIn(broken, ROOT, work, call)
  let calls = 0
  expect(run(() => ++calls)).toBe(1)
  const error = new Error('The tool failed.')
  expect(() =>
    run(() => {
      throw error
    }),
  ).toThrow(error)
  expect(told).toHaveLength(1)
})

test('our exporter ends work that began in a program with a provider, and gives it an id of its own', async () => {
  const { endpoint, spans } = await openReceiver()
  const { turn } = observe()
  const place = turn('run/r1', REQUEST, () => workTrace(REQUEST, 'r1'))
  const settings = readOtelSettings({ endpoint }, { OTEL_METRICS_EXPORTER: 'none' })!
  const ours = await createOtel(settings, createMetricRegistry(), () => {})
  const body = { type: 'run-end', status: 'completed' }
  ours.tell({ name: 'event-keep', of: 'run/r1', n: 1, work: 'r1', body, index: { name: 'Report' }, trace: place! })
  await ours.close()
  const { traceId, spanId } = readTraceparent(place)!
  expect(spans).toMatchObject([{ name: 'run Report', traceId, parentSpanId: spanId }])
  expect(spans[0]!.spanId).not.toBe(spanId)
})

test('a request that goes to another process carries the active span of the program', () => {
  const { context, tracer } = observe()
  trace.setGlobalTracerProvider({ getTracer: () => tracer })
  otelContext.setGlobalContextManager(context)
  onTestFinished(() => {
    trace.disable()
    otelContext.disable()
  })
  const request = new Request('http://shop.example/orders', { headers: { traceparent: REQUEST } })
  const sent = () => fromForward(toForward({ request, path: '', identity: {} }))
  const span = tracer.startSpan('POST /orders')
  const inside = context.with(trace.setSpan(context.active(), span), sent)
  return Promise.all([
    expect(inside.then((forwarded) => forwarded.request.headers.get('traceparent'))).resolves.toContain(
      span.spanContext().spanId,
    ),
    expect(sent().then((forwarded) => forwarded.request.headers.get('traceparent'))).resolves.toBe(REQUEST),
  ])
})

test('metrics go to the meter of the program until the runtime closes', async () => {
  const exporter = new InMemoryMetricExporter(AggregationTemporality.CUMULATIVE)
  const reader = new PeriodicExportingMetricReader({ exporter, exportIntervalMillis: 60_000 })
  const otel = openProgramOtel({ metrics: new MeterProvider({ readers: [reader] }) }, PARTS)
  const { tell, ended, registry } = createMetrics(otel.registry)
  let looks = 0
  registry.read('gauge', { name: 'antiphon.work.active', help: 'Work.', unit: '{work}' }, () => [
    { labels: {}, value: ++looks },
  ])
  ended({ name: 'tool-call', tool: 'look' }, {}, 20)
  tell({ name: 'stream-open' })
  const valuesOf = async () => {
    exporter.reset()
    await reader.forceFlush()
    const found = exporter.getMetrics().flatMap(({ scopeMetrics }) => scopeMetrics)
    expect(found.map(({ scope }) => scope.name)).toEqual(found.map(() => 'antiphon'))
    return Object.fromEntries(
      found
        .flatMap((scope) => scope.metrics)
        .map(({ descriptor: { name }, dataPoints }) => [name, dataPoints[0]!.value]),
    )
  }
  expect(await valuesOf()).toMatchObject({
    'antiphon.tool.duration': { count: 1, sum: 0.02 },
    'antiphon.streams.opened': 1,
    'antiphon.work.active': 1,
  })
  // and to /v1/metrics
  expect(registry.families().find(({ name }) => name === 'antiphon.tool.duration')?.points).toHaveLength(1)
  await otel.close()
  const before = looks
  await valuesOf()
  expect(looks).toBe(before)
  await reader.shutdown()
})

test('the provider is the one that the API package has', () => {
  expect(findProvider({})).toBeUndefined()
  const provider = new TracerProvider()
  trace.setGlobalTracerProvider(provider)
  onTestFinished(() => trace.disable())
  const found = findProvider({})
  expect(found?.trace?.getTracer('x').startSpan('y').isRecording()).toBe(true)
  expect(found?.metrics).toBeUndefined()
  expect(findProvider({ OTEL_SDK_DISABLED: 'true' })).toBeUndefined()
  trace.disable()
  metrics.disable()
  expect(findProvider({})).toBeUndefined()
})

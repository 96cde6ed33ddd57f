import { expect, it } from 'vitest'
import { createObserver } from '../../../src/observe/create-observer.ts'
import { createMetrics } from '../../../src/observe/metrics/instruments.ts'
import { prometheusText } from '../../../src/observe/metrics/prometheus.ts'
import { createMetricRegistry } from '../../../src/observe/metrics/registry.ts'
import { readPrometheus } from '../prometheus.ts'

it('counts deeds and facts as Prometheus reads them', async () => {
  const { registry, ...listener } = createMetrics()
  const observer = createObserver([listener])
  await observer.span({ name: 'model-call', model: 'openai/gpt-5-mini' }, async (note) =>
    note({ input: 300, output: 20, cost: 0.5 }),
  )
  await expect(
    observer.span({ name: 'tool-call', tool: 'terminal:execute' }, async () => {
      throw Object.assign(new Error('secret text'), { code: 'tool_error' })
    }),
  ).rejects.toThrow('secret text')
  observer.span({ name: 'request-answer', id: 'q', method: 'BREW' }, (note) =>
    note({ route: '/v1/runs/:id', status: 404 }),
  )
  const run = {
    name: 'event-keep',
    of: 'run/r',
    work: 'r',
    n: 9,
    index: { startedAt: 1_000, finishedAt: 3_000 },
  } as const
  observer.tell({ ...run, body: { type: 'run-end', status: 'completed' } })
  observer.tell({ name: 'letter-keep', id: 'x', to: 'run/r', code: 'internal', work: 'r' })
  const text = prometheusText(registry.families())
  const { samples, types } = readPrometheus(text)
  const countOf = (name: string, labels: object = {}) =>
    samples.find(
      (sample) => sample.name === name && Object.entries(labels).every(([key, value]) => sample.labels[key] === value),
    )?.value
  expect(types.get('gen_ai_client_token_usage')).toBe('histogram')
  expect(
    countOf('gen_ai_client_token_usage_sum', { gen_ai_token_type: 'input', gen_ai_request_model: 'gpt-5-mini' }),
  ).toBe(300)
  expect(countOf('antiphon_model_cost_usd_total', { gen_ai_provider_name: 'openai' })).toBe(0.5)
  expect(countOf('antiphon_tool_duration_seconds_count', { error_type: 'tool_error' })).toBe(1)
  expect(
    countOf('http_server_request_duration_seconds_count', {
      http_request_method: '_OTHER',
      http_response_status_code: '404',
    }),
  ).toBe(1)
  expect(countOf('antiphon_run_duration_seconds_bucket', { le: '2.5', antiphon_status: 'completed' })).toBe(1)
  expect(countOf('antiphon_run_duration_seconds_bucket', { le: '1', antiphon_status: 'completed' })).toBe(0)
  expect(countOf('antiphon_deadletters_total', { error_type: 'internal', antiphon_actor_kind: 'run' })).toBe(1)
  expect(text).not.toContain('secret')
})

it('keeps apart no more labels than it can hold, and escapes what they say', () => {
  const registry = createMetricRegistry()
  const counter = registry.counter({ name: 'a.b', help: 'Back\\slash\nand line.', unit: '{thing}' })
  counter.add(1, { path: 'a"b\\c\nd' })
  for (let n = 0; n < 2000; n++) counter.add(1, { n: String(n) })
  const { samples } = readPrometheus(prometheusText(registry.families()))
  expect(samples[0]).toEqual({ name: 'a_b_total', labels: { path: 'a"b\\c\nd' }, value: 1 })
  expect(samples).toHaveLength(501)
  expect(samples.at(-1)).toEqual({ name: 'a_b_total', labels: { otel_metric_overflow: 'true' }, value: 1501 })
})

it('a listener that throws disturbs nobody', () => {
  const broken = {
    ended: () => {
      throw new Error('no')
    },
    tell: () => {
      throw new Error('no')
    },
  }
  const observer = createObserver([broken])
  expect(observer.span({ name: 'effect-run', effect: 'x' }, () => 7)).toBe(7)
  observer.tell({ name: 'flush-end', ms: 1 })
})

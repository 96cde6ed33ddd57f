import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { loadConfig } from '../../src/config/config.ts'
import { createApp } from '../../src/http/server/app.ts'
import { createRuntime } from '../../src/runtime/open/create-runtime.ts'
import { readPrometheus } from '../observe/prometheus.ts'

const PIPELINE = `
name: Greeting
steps:
  - id: text
    action: generate-text
    parameters: { prompt: 'Summarise: the ship leaves at noon.' }
  - id: said
    tool: debug
    action: execute
    parameters: { message: hello }
`

test('a run is in the metrics: its requests, turns, steps, tools, pools and flushes', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'antiphon-metrics-'))
  onTestFinished(() => rm(folder, { recursive: true, force: true }))
  const file = join(folder, 'greeting.yaml')
  await writeFile(file, PIPELINE)
  const config = await loadConfig({ folder, environment: {} })
  const runtime = await createRuntime({ ...config, embedder: 'none', telemetry: { metrics: true } })
  onTestFinished(() => runtime.stop())
  const app = createApp(runtime)
  const body = JSON.stringify({ file, id: 'r1' })
  const begun = await app.request('/v1/runs', { method: 'POST', body, headers: { 'content-type': 'application/json' } })
  expect(await begun.json()).toMatchObject({ id: 'r1' })
  for await (const _ of runtime.runs.events('r1')) {
    // only the end is waited for
  }
  const answer = await app.request('/v1/metrics')
  expect(answer.headers.get('content-type')).toBe('text/plain; version=0.0.4; charset=utf-8')
  const { samples } = readPrometheus(await answer.text())
  const countOf = (name: string, labels: { readonly [label: string]: string } = {}) =>
    samples.find(
      (sample) => sample.name === name && Object.entries(labels).every(([key, value]) => sample.labels[key] === value),
    )?.value ?? 0
  expect(
    countOf('http_server_request_duration_seconds_count', { http_route: '/v1/runs', http_response_status_code: '202' }),
  ).toBe(1)
  expect(countOf('antiphon_runs_started_total')).toBe(1)
  expect(countOf('antiphon_run_duration_seconds_count', { antiphon_status: 'completed' })).toBe(1)
  expect(countOf('antiphon_step_duration_seconds_count', { antiphon_status: 'completed' })).toBeGreaterThanOrEqual(2)
  expect(countOf('antiphon_tool_duration_seconds_count', { gen_ai_tool_name: 'debug' })).toBe(1)
  expect(countOf('gen_ai_client_operation_duration_seconds_count', { gen_ai_request_model: 'extractive' })).toBe(1)
  expect(countOf('antiphon_engine_turns_total')).toBeGreaterThan(3)
  expect(countOf('antiphon_flush_duration_seconds_count')).toBeGreaterThan(0)
  const steps = { antiphon_pool: 'text_step_pool' }
  expect(countOf('antiphon_pool_workers', steps)).toBe(10)
  expect(countOf('antiphon_pool_tasks_total', { ...steps, antiphon_status: 'completed' })).toBe(2)
  expect(countOf('antiphon_pool_run_seconds', { ...steps, quantile: '0.95' })).toBeGreaterThan(0)
  expect(countOf('antiphon_pool_open', steps)).toBe(0)
  expect(countOf('antiphon_pool_tokens_total', { ...steps, gen_ai_token_type: 'input' })).toBeGreaterThan(5)
  expect(countOf('antiphon_pool_cost_usd_total', steps)).toBe(0)
  expect(countOf('process_memory_usage_bytes')).toBeGreaterThan(1e6)
})

test('unless it is asked for, nothing that happens is counted', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'antiphon-metrics-'))
  onTestFinished(() => rm(folder, { recursive: true, force: true }))
  const file = join(folder, 'greeting.yaml')
  await writeFile(file, PIPELINE)
  const runtime = await createRuntime({ ...(await loadConfig({ folder, environment: {} })), embedder: 'none' })
  onTestFinished(() => runtime.stop())
  await runtime.runs.start({ file, id: 'r1' })
  for await (const _ of runtime.runs.events('r1')) {
    // only the end is waited for
  }
  const { samples } = readPrometheus(runtime.inspector.metrics())
  const names = samples.map(({ name }) => name)
  expect(names).toContain('antiphon_engine_turns_total')
  expect(names).not.toContain('antiphon_step_duration_seconds_count')
})

import { expect, test, vi } from 'vitest'
import { loadConfig } from '../../../src/config/config.ts'
import { createMetricRegistry } from '../../../src/observe/metrics/registry.ts'
import { createOtel } from '../../../src/observe/otel/otel.ts'
import { readOtelSettings } from '../../../src/observe/otel/settings.ts'
import { readTraceparent } from '../../../src/observe/traceparent.ts'
import { workTrace } from '../../../src/observe/work-trace.ts'

const ENDPOINT = 'http://127.0.0.1:4318'

test('without an address nothing is sent, and nothing loaded', () => {
  expect(readOtelSettings({}, {})).toBeUndefined()
  expect(readOtelSettings({ endpoint: ENDPOINT }, { OTEL_SDK_DISABLED: 'true' })).toBeUndefined()
})

test("OpenTelemetry's variables go before the configuration", () => {
  expect(readOtelSettings({ endpoint: `${ENDPOINT}/`, service: 'mine', ratio: 0.5 }, {})).toEqual({
    traces: `${ENDPOINT}/v1/traces`,
    metrics: `${ENDPOINT}/v1/metrics`,
    service: 'mine',
    sampler: { parentBased: true, ratio: 0.5 },
    interval: 60_000,
  })
  const environment = {
    OTEL_EXPORTER_OTLP_ENDPOINT: 'http://127.0.0.1:1',
    OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: 'http://127.0.0.1:2/spans',
    OTEL_METRICS_EXPORTER: 'none',
    OTEL_SERVICE_NAME: 'theirs',
    OTEL_TRACES_SAMPLER: 'traceidratio',
    OTEL_TRACES_SAMPLER_ARG: '0.25',
  }
  expect(readOtelSettings({ endpoint: ENDPOINT, service: 'mine' }, environment)).toEqual({
    traces: 'http://127.0.0.1:2/spans',
    service: 'theirs',
    sampler: { parentBased: false, ratio: 0.25 },
    interval: 60_000,
  })
  expect(() => readOtelSettings({ endpoint: ENDPOINT }, { OTEL_TRACES_SAMPLER: 'jaeger' })).toThrow(
    'no sampler "jaeger"',
  )
})

test.each([
  ['OTEL_EXPORTER_OTLP_ENDPOINT', 'sk-mine', 'expected an address such as http://127.0.0.1:4318'],
  ['OTEL_EXPORTER_OTLP_METRICS_ENDPOINT', 'localhost:4318', 'expected an address such as http://127.0.0.1:4318'],
  ['OTEL_METRIC_EXPORT_INTERVAL', '-5', 'expected milliseconds from 1 to 86400000, not "-5"'],
  ['OTEL_METRIC_EXPORT_INTERVAL', '99999999999', 'expected milliseconds from 1 to 86400000'],
  ['OTEL_METRIC_EXPORT_INTERVAL', 'often', 'expected milliseconds from 1 to 86400000, not "often"'],
])('%s=%s is reported with what is expected there', (variable, text, message) => {
  const read = () => readOtelSettings({ endpoint: ENDPOINT }, { [variable]: text })
  expect(read).toThrow(expect.objectContaining({ name: 'InvalidError' }))
  expect(read).toThrow(`${variable}: ${message}`)
  expect(read).not.toThrow('sk-mine')
})

test('a package that is missing is named, and how to install it', async () => {
  vi.doMock('@opentelemetry/sdk-trace', () => {
    throw new Error('Cannot find package')
  })
  const settings = readOtelSettings({ endpoint: ENDPOINT }, {})!
  await expect(createOtel(settings, createMetricRegistry(), () => {})).rejects.toMatchObject({
    name: 'InvalidError',
    hint: expect.stringMatching(/^Install them: npm install "@opentelemetry\/api@\^1\.9\.0" /),
  })
  vi.doUnmock('@opentelemetry/sdk-trace')
})

test('a traceparent is read as W3C has it', () => {
  const [traceId, spanId] = ['0af7651916cd43dd8448eb211c80319c', 'b7ad6b7169203331']
  expect(readTraceparent(`00-${traceId}-${spanId}-01`)).toEqual({ traceId, spanId, traceFlags: 1 })
  expect(readTraceparent(`cc-${traceId}-${spanId}-02-what-comes-later`)).toEqual({ traceId, spanId, traceFlags: 0 })
  const wrong = [
    '',
    `ff-${traceId}-${spanId}-01`,
    `00-${'0'.repeat(32)}-${spanId}-01`,
    `00-${traceId}-${'0'.repeat(16)}-01`,
  ]
  for (const text of [...wrong, `00-${traceId.toUpperCase()}-${spanId}-01`, `00-${traceId}-${spanId}-01x`])
    expect(readTraceparent(text)).toBeUndefined()
  expect(workTrace('no trace', 'r1')).toBeUndefined()
})

test('the collector may stand in antiphon.yaml', async () => {
  const { mkdtemp, writeFile, rm } = await import('node:fs/promises')
  const folder = await mkdtemp('/tmp/antiphon-telemetry-')
  try {
    await writeFile(
      `${folder}/antiphon.yaml`,
      `telemetry: { endpoint: "${ENDPOINT}", service: mine, log: json, level: warn }\n`,
    )
    const { telemetry } = await loadConfig({ folder, environment: {} })
    expect(telemetry).toEqual({ endpoint: ENDPOINT, service: 'mine', log: 'json', level: 'warn' })
    await writeFile(`${folder}/antiphon.yaml`, 'telemetry: { endpiont: x }\n')
    await expect(loadConfig({ folder, environment: {} })).rejects.toMatchObject({ hint: 'Did you mean `endpoint`?' })
  } finally {
    await rm(folder, { recursive: true })
  }
})

import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { loadConfig } from '../../src/config/config.ts'
import { createApp } from '../../src/http/server/app.ts'
import { createRuntime, type ServedRuntime } from '../../src/runtime/open/create-runtime.ts'
import { describeOnRestate, useRestate } from '../engine/restate/server.ts'
import { openReceiver, type Span } from './otlp.ts'

const SECRET = 'planted-4711-do-not-tell'
const TRACE = '0af7651916cd43dd8448eb211c80319c'
const CLIENT = 'b7ad6b7169203331'
const PIPELINE = `
name: Report
inputs:
  note: { type: string }
steps:
  - id: flaky
    tool: terminal
    action: execute
    retry: 1
    parameters: { command: '[ -e once ] || { touch once; echo {{ inputs.note | quote }} >&2; exit 1; }', shell: true }
  - id: gate
    tool: wait-for-signal
    action: execute
    parameters: { signal: go }
    depends_on: [flaky]
  - id: summary
    action: generate
    parameters: { prompt: 'Summarise: {{ inputs.note }} leaves the harbour at noon.' }
    depends_on: [gate]
`

async function openFolder(settings = '') {
  const folder = await mkdtemp(join(tmpdir(), 'antiphon-trace-'))
  onTestFinished(() => rm(folder, { recursive: true, force: true }))
  const receiver = await openReceiver()
  const environment = { OTEL_EXPORTER_OTLP_ENDPOINT: receiver.endpoint, SOME_API_KEY: SECRET, PATH: process.env.PATH }
  await writeFile(join(folder, 'antiphon.yaml'), settings)
  const config = await loadConfig({ folder, environment })
  const open = async () => {
    const runtime = await createRuntime({ ...config, embedder: 'none' })
    onTestFinished(() => runtime.stop())
    return runtime
  }
  const write = async (text: string) => {
    const file = join(folder, 'report.yaml')
    await writeFile(file, text)
    return file
  }
  return { open, receiver, write }
}

const post = (runtime: ServedRuntime, path: string, body: object, trace = TRACE) =>
  createApp(runtime).request(path, {
    method: 'POST',
    body: JSON.stringify(body),
    headers: { 'content-type': 'application/json', traceparent: `00-${trace}-${CLIENT}-01` },
  })

/** The names of a span and of all above it. */
function pathOf(span: Span, all: readonly Span[]): readonly string[] {
  const parent = all.find(({ spanId }) => spanId === span.parentSpanId)
  return parent ? [...pathOf(parent, all), span.name] : [`(${span.parentSpanId})`, span.name]
}

const ONE_TRACE = 'one trace from the request to the model call, through a retry, a restart and a signal'

test(ONE_TRACE, async () => tellsOneTrace(await openFolder()), 60_000)

describeOnRestate('on restate', () => {
  const server = useRestate()
  test(
    ONE_TRACE,
    async () => tellsOneTrace(await openFolder(`engine: { restate: { admin: '${server.now().admin}' } }`)),
    60_000,
  )
})

async function tellsOneTrace({ open, receiver, write }: Awaited<ReturnType<typeof openFolder>>): Promise<void> {
  const file = await write(PIPELINE)
  const first = await open()
  const begun = await post(first, '/v1/runs', { file, id: 'r1', inputs: { note: SECRET } })
  expect(begun.status).toBe(202)
  expect(begun.headers.get('traceparent')).toMatch(new RegExp(`^00-${TRACE}-[0-9a-f]{16}-01$`))
  for await (const { body } of first.runs.events('r1')) if ((body as { type: string }).type === 'signal-wait') break
  await first.stop()
  const second = await open()
  await second.runs.resume('r1')
  await post(second, '/v1/runs/r1/signal', { name: 'go', value: 1 }, '4bf92f3577b34da6a3ce929d0e0e4736')
  for await (const _ of second.runs.events('r1')) {
    // only the end is waited for
  }
  const { status, steps } = await second.runs.get('r1')
  expect([status, steps]).toEqual(['completed', expect.anything()])
  // a list shows what its document declares, and the trace is none of it
  const [listed] = await second.runs.list()
  expect(Object.keys(listed!).sort()).toEqual(['finishedAt', 'id', 'name', 'owner', 'startedAt', 'status'])
  await second.stop()

  const spans = receiver.spans.filter(({ traceId }) => traceId === TRACE)
  const find = (name: string) => spans.filter((span) => span.name === name)
  const [chat, ...chats] = find('chat extractive')
  expect(chats).toEqual([])
  expect(pathOf(chat!, spans)).toEqual([
    `(${CLIENT})`,
    'POST /v1/runs',
    'run Report',
    'turn step',
    'effect execute',
    'chat extractive',
  ])
  expect(chat).toMatchObject({
    kind: 3,
    service: 'antiphon',
    attributes: {
      'gen_ai.operation.name': 'chat',
      'gen_ai.provider.name': 'offline',
      'gen_ai.request.model': 'extractive',
      'gen_ai.usage.input_tokens': expect.any(Number),
    },
  })
  expect(find('POST /v1/runs')[0]).toMatchObject({ kind: 2, attributes: { 'http.response.status_code': 202 } })
  // it began in one process and ended in another
  const [run] = find('run Report')
  expect(Number(run!.startTimeUnixNano)).toBeLessThanOrEqual(Number(find('turn run')[0]!.startTimeUnixNano))
  expect(Number(run!.endTimeUnixNano)).toBeGreaterThanOrEqual(Number(chat!.endTimeUnixNano) - 2e6)
  expect(find('execute_tool terminal:execute').map(({ status }) => status.code ?? 0)).toEqual([2, 0])
  expect(find('effect execute').some(({ attributes }) => attributes['error.type'] !== undefined)).toBe(true)
  // all that the run did is in the trace it was begun in: of the other one there is the signal's request and who took it
  const others = new Set(receiver.spans.filter(({ traceId }) => traceId !== TRACE).map(({ name }) => name))
  expect([...others]).toEqual(['POST /v1/runs/:run/signal'])
  expect(receiver.raw.join('\n')).not.toContain(SECRET)
}

test('work that came in no trace has one of its own, the same after a restart', async () => {
  const { open, receiver, write } = await openFolder()
  const file = await write(
    'name: Small\nsteps:\n  - { id: wait, tool: wait-for-signal, action: execute, parameters: { signal: go } }\n',
  )
  const first = await open()
  await first.runs.start({ file, id: 'r2' })
  for await (const { body } of first.runs.events('r2')) if ((body as { type: string }).type === 'signal-wait') break
  await first.stop()
  const second = await open()
  await second.runs.resume('r2')
  await second.runs.signal('r2', 'go', 1)
  for await (const _ of second.runs.events('r2')) {
    // only the end is waited for
  }
  await second.stop()
  const [run] = receiver.spans.filter(({ name }) => name === 'run Small')
  expect(run).toMatchObject({ status: {}, attributes: { 'antiphon.work': 'r2', 'antiphon.status': 'completed' } })
  expect(run!.parentSpanId ?? '').toBe('')
  const turns = receiver.spans.filter(({ name }) => name === 'turn step' || name === 'turn run')
  expect(turns.length).toBeGreaterThan(2)
  expect(new Set(turns.map(({ traceId, parentSpanId }) => `${traceId} ${parentSpanId}`))).toEqual(
    new Set([`${run!.traceId} ${run!.spanId}`]),
  )
})

test('an ask is in the trace of its request, down to its models; metrics are sent beside', async () => {
  const { open, receiver, write } = await openFolder()
  const notes = await write('# Ship\n\nThe ship leaves the harbour at noon.\n')
  const runtime = await open()
  const prompt = 'When does the ship leave the harbour?'
  expect((await post(runtime, '/v1/threads/main/asks', { prompt, files: [notes], id: 'a1' })).status).toBe(200)
  await runtime.stop()
  const spans = receiver.spans.filter(({ traceId }) => traceId === TRACE)
  const chats = spans.filter(({ name }) => name === 'chat extractive')
  expect(chats.length).toBeGreaterThan(0)
  for (const chat of chats)
    expect(pathOf(chat, spans).slice(1)).toEqual([
      'POST /v1/threads/:thread/asks',
      'ask',
      'turn phase',
      'effect model',
      'chat extractive',
    ])
  const asks = receiver.points.find(
    ({ name, attributes }) => name === 'antiphon.asks' && attributes['antiphon.status'] === 'completed',
  )
  expect(asks?.body).toMatchObject({ asDouble: 1 })
  expect(receiver.points.some(({ name }) => name === 'gen_ai.client.operation.duration')).toBe(true)
})

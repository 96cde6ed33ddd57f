import { readdirSync, readFileSync } from 'node:fs'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { z } from 'zod'
import { loadConfig } from '../../src/config/config.ts'
import { type McpServing, mcpServing } from '../../src/config/mcp-serving.ts'
import { ROUTES } from '../../src/http/routes/route-table.ts'
import { createApp } from '../../src/http/server/app.ts'
import { identifyByKey } from '../../src/http/server/authenticate.ts'
import { WHOLE } from '../../src/http/wire/peer-headers.ts'
import { defineAgent } from '../../src/index.ts'
import { createRuntime, type ServedRuntime } from '../../src/runtime/open/create-runtime.ts'
import { scriptedModel } from '../../src/testing/scripted-model.ts'
import { until } from '../../src/testing/until.ts'
import { defineTool } from '../../src/tool/tool.ts'
import { defineWorkflow } from '../../src/workflow/definition/workflow-value.ts'
import { receiverAt } from '../notify/office.ts'
import { openReceiver as openNotices, SECRET } from '../notify/receiver.ts'
import { openReceiver as openCollector } from '../observe/otlp.ts'
import { plantValues } from './planted-values.ts'

const { environment, text, found } = plantValues()

const repeat = defineTool({
  name: 'repeat',
  description: 'Repeats a text in all that a tool may say.',
  effect: 'idempotent',
  input: z.object({ text: z.string().optional() }),
  execute: (_, { emit, tell, progress, log }) => {
    emit({ text })
    tell?.({ warning: text })
    progress?.({ text })
    log?.('info', text)
    return { text, [text]: [text] }
  },
})
const fail = defineTool({
  name: 'fail',
  description: 'Fails with a text.',
  effect: 'pure',
  input: z.any(),
  execute: () => {
    throw new Error(text)
  },
})
/** Goes on with the values as they are: `same` compares what came back with what the step computed. */
const carry = defineWorkflow({
  name: 'carry',
  input: z.any(),
  async run(ctx, input) {
    const read = await ctx.step('read', () => ({ text, [text]: 1 }))
    const same = await ctx.step('use', () => read.text === text && read[text as 'text'] === (1 as never))
    ctx.event('seen', read)
    ctx.log(text)
    await ctx.step('lost', () => Promise.reject(new Error(text)), { retry: 0 }).catch(() => {})
    ctx.handle('what', z.any(), () => text)
    return { same, input, text }
  },
})
const PIPELINE = `name: told
description: Says what it has
inputs: { text: { type: string } }
steps:
  - { id: seen, action: 'echo {{ inputs.text }}', condition: '{{ inputs.text != "[redacted]" }}' }
  - { id: said, tool: repeat, action: execute, parameters: { text: '{{ inputs.text }}' } }
  - { id: broken, tool: fail, action: execute, parameters: {}, retry: 0, on_failure: continue }
  - { id: asked, action: generate, parameters: { prompt: '{{ said.text }}', model: lab/one }, depends_on: [said] }
  - { id: gate, tool: approval-gate, action: execute, parameters: { title: '{{ inputs.text }}' }, depends_on: [asked, broken] }
outputs: { text: '{{ said.text }}' }
`
const PLAIN = `name: plain
description: Says it
steps: [{ id: a, action: ${JSON.stringify(`echo ${text.replaceAll(/[{}]/g, '')}`)} }]
outputs: { text: '{{ a }}' }
`

/** A runtime in which each room has the values, an app for keys over it, and all that left to other places. */
async function openPlanted() {
  const folder = await mkdtemp(join(tmpdir(), 'antiphon-shown-'))
  onTestFinished(() => rm(folder, { recursive: true, force: true, maxRetries: 5 }))
  const [notices, collector] = [await openNotices(), await openCollector()]
  const settings = {
    models: [{ id: 'lab/one', cost: { input: 1, output: 1 } }],
    notify: [receiverAt(notices.url, { include: 'content' })],
    serve: { publicUrl: 'https://agents.example.com/' },
    mcp: { serve: ['plain.yaml'] },
    tools: { approve: 'none' },
  }
  await writeFile(join(folder, 'antiphon.yaml'), JSON.stringify(settings))
  await writeFile(join(folder, 'told.yaml'), PIPELINE)
  await writeFile(join(folder, 'plain.yaml'), PLAIN)
  const config = await loadConfig({
    folder,
    environment: {
      ...environment,
      ANTIPHON_SECRET_HOOKS: SECRET,
      OTEL_EXPORTER_OTLP_ENDPOINT: collector.endpoint,
      OTEL_BSP_SCHEDULE_DELAY: '10',
    },
  })
  const model = scriptedModel(
    [
      { match: 'Use the tool', times: 1, calls: [{ name: 'repeat', input: { text } }] },
      { reply: text, usage: { input: 1, output: 1 } },
    ],
    'lab/one',
  )
  const agent = defineAgent({
    name: 'clerk',
    instructions: `You know this. ${text}`,
    model: 'lab/one',
    tools: [repeat],
  })
  const runtime = await createRuntime(
    { ...config, embedder: 'none' },
    { notice: () => {}, agents: [agent], tools: [repeat, fail], workflows: [carry], models: { 'lab/one': model } },
  )
  onTestFinished(() => runtime.stop({ grace: 0 }))
  const mcp = mcpServing(config)
  return { folder, runtime, model, notices, collector, mcp, ...(await appOf(runtime, mcp)) }
}

async function appOf(runtime: ServedRuntime, mcp: McpServing) {
  const { token } = await runtime.access.keys.create({ name: 'k', owner: 'local', scopes: ['admin'] })
  // time enough between two requests that no rate is ever passed
  let time = 0
  const app = createApp(runtime, { mcp, identify: identifyByKey(runtime.access), now: () => (time += 60_000) })
  /** Asks with the key, and hears the answer; that of a stream, until it says what it cut. */
  async function ask(method: string, path: string, body?: object, by: object = { authorization: `Bearer ${token}` }) {
    const headers = { 'content-type': 'application/json', ...by }
    const init = { method, headers, ...(body && { body: JSON.stringify(body) }) }
    const response = await app.fetch(new Request(`http://a/v1${path}`, init))
    let heard = JSON.stringify([...response.headers])
    if (!response.body) return heard
    const isEvents = response.headers.get('content-type') === 'text/event-stream'
    for await (const chunk of response.body.pipeThrough(new TextDecoderStream())) {
      heard += chunk
      if (isEvents && OPEN_STREAMS.test(path) && heard.includes('[redacted]')) break
    }
    return heard
  }
  return { app, token, ask }
}

/** Streams that do not end with the work of this test. */
const OPEN_STREAMS = /^\/(?:conversations|environments|feed|actors|runs\/told)/

const MCP_META = {
  'io.modelcontextprotocol/protocolVersion': '2026-07-28',
  'io.modelcontextprotocol/clientCapabilities': {},
}
const MCP_HEADERS = {
  ...{ 'content-type': 'application/json', accept: 'application/json, text/event-stream' },
  ...{ 'mcp-protocol-version': '2026-07-28', 'mcp-method': 'tools/call', 'mcp-name': 'plain' },
}

/** What the paths name. */
const NAMES: { readonly [parameter: string]: string } = {
  run: 'told',
  goal: 'goal-1',
  round: '1',
  agent: 'clerk',
  thread: 'talk',
  conversation: 'talk',
  message: 'mail-1',
  ask: 'ask-1',
  name: 'told',
  ref: 'run/told',
  step: 'said',
  field: 'text',
  tool: 'repeat',
  scope: 'run/told',
  bulk: 'bulk-1',
  record: 'record-1',
}

/** Reads that have a value, so that each of them says that it was cut. */
const CUT = [
  ...['runs.get', 'runs.steps', 'runs.step', 'runs.source', 'runs.page'],
  ...['runs.events', 'inbox.list', 'memory.list', 'memory.get', 'memory.changes'],
  ...['memory.export', 'schedules.list', 'schedules.get', 'workflows.history', 'threads.get'],
  ...['threads.messages', 'threads.getAsk', 'threads.askEvents', 'threads.trace', 'agents.get'],
  ...['goals.list', 'goals.get', 'goals.round', 'goals.events', 'conversations.get'],
  ...['conversations.events', 'inspector.tail'],
]

async function plant({ folder, runtime, ask }: Awaited<ReturnType<typeof openPlanted>>) {
  const { runs } = runtime
  await runs.start({ file: join(folder, 'told.yaml'), id: 'told', inputs: { text } })
  const answers = [
    await ask('PUT', '/pipelines/told', { text: PLAIN }),
    await ask('PUT', '/agents/told', { definition: { instructions: text, model: 'lab/one' } }),
    await ask('PUT', '/schedules/told', { cron: '0 0 1 1 *', workflow: 'carry', input: { text } }),
    await ask('POST', '/memory/records', { records: [{ id: 'record-1', text, subject: 'ships' }] }),
    await ask('POST', '/runs', { pipeline: 'told', id: 'uploaded' }),
    await ask('POST', '/runs', { workflow: 'carry', id: 'carried', input: { text } }),
    await ask('POST', '/agents/clerk/goals', { goal: `Use the tool. ${text}`, id: 'goal-1' }),
    await ask('POST', '/conversations/talk/messages', { agent: 'clerk', text, id: 'mail-1' }),
    await ask('PUT', '/threads/asked/asks/ask-1', { prompt: text }),
  ]
  await until(async () => (await runs.get('carried')).completed_at !== null)
  await until(async () => (await runtime.inbox.list({ run: 'told' })).length === 1)
  await until(async () => (await runtime.goals.get('goal-1')).status === 'completed')
  await until(async () => (await runtime.conversations.get('talk', 'mail-1')).status === 'completed')
  const [item] = await runtime.inbox.list({ run: 'told' })
  const { signal } = item as { readonly signal: string }
  answers.push(
    await ask('POST', '/bulks', {
      id: 'bulk-1',
      action: 'cancel',
      where: { name: 'none' },
      reason: text.slice(0, 900),
    }),
    await ask('POST', '/runs/told/links', { signal, kind: 'approval' }),
    await ask('POST', '/runs/carried/ask', { name: 'what' }),
    await ask('POST', '/tools/calls', { calls: [{ tool: 'echo', action: 'say', parameters: { text } }] }),
    await ask('POST', '/memory/search', { text: 'ships' }),
  )
  return { answers, signal }
}

test('no value that looks secret leaves by an operation, a stream, a link, a notice, a span, a model or a file', async () => {
  const planted = await openPlanted()
  const { folder, runtime, model, notices, collector, ask, app, token, mcp } = planted
  const bearer = { authorization: `Bearer ${token}` }
  const { answers, signal } = await plant(planted)
  expect(answers.flatMap((answer, at) => found(`request ${at}`, answer))).toEqual([])

  const cut: string[] = []
  for (const { method, path, name } of ROUTES.filter((route) => route.method === 'get')) {
    const run = name.startsWith('workflows.') ? 'carried' : 'told'
    const thread = name === 'threads.askEvents' || name === 'threads.getAsk' ? 'asked' : 'talk'
    const filled = path.replaceAll(/\{(\w+)\}/g, (_, part: string) =>
      encodeURIComponent({ ...NAMES, run, thread }[part] ?? 'none'),
    )
    const answer = await ask(method.toUpperCase(), filled)
    expect(found(name, answer)).toEqual([])
    if (answer.includes('[redacted]')) cut.push(name)
  }
  expect(cut).toEqual(expect.arrayContaining(CUT))

  // a person at a link, and a client of the Model Context Protocol
  const link = /\\?"url\\?":\\?"[^"\\]*\/links\/([^"\\]+)/.exec(answers.join())?.[1]
  const page = await ask('GET', `/links/${link}`, undefined, {})
  expect([page.includes('[redacted]'), found('a link', page)]).toEqual([true, []])
  // an item that is answered is not announced any more
  await until(async () => JSON.stringify(notices.received).includes('[redacted]'))
  await runtime.runs.signal('told', signal, { action: 'approve', reason: text })
  await until(async () => (await runtime.runs.get('told')).completed_at !== null)

  const mcpCall = async (to: typeof app, by: object) => {
    const params = { name: 'plain', arguments: {}, _meta: MCP_META }
    const body = JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'tools/call', params })
    const headers = { ...MCP_HEADERS, ...by } as { readonly [name: string]: string }
    return (await to.fetch(new Request('http://a/mcp', { method: 'POST', headers, body }))).text()
  }
  const program = { [WHOLE]: 'runs' }
  const places: { readonly [place: string]: string } = {
    'a run that has ended': await ask('GET', '/runs/told'),
    'its events': await ask('GET', '/runs/told/events'),
    'an answer over MCP': await mcpCall(app, bearer),
    'an answer over MCP to a program': await mcpCall(createApp(runtime, { mcp }), program),
    'a run for a key that says that it is a program': await ask('GET', '/runs/told', undefined, {
      ...bearer,
      ...program,
    }),
    notices: JSON.stringify(notices.received),
    'requests of models': JSON.stringify(model.calls),
  }
  for (const [place, output] of Object.entries(places))
    expect([place, output.includes('[redacted]'), found(place, output)]).toEqual([place, true, []])

  // the program goes on with the values themselves
  expect((await runtime.runs.get('carried')).error).toBe(null)
  expect((await runtime.runs.get('carried')).outputs).toEqual({ result: { same: true, input: { text }, text } })
  expect((await runtime.runs.get('told')).outputs).toEqual({ text })
  const local = await createApp(runtime).fetch(new Request('http://a/v1/runs/told', { headers: program }))
  expect(JSON.parse(await local.text()).outputs).toEqual({ text })

  await runtime.stop({ grace: 0 })
  expect(collector.raw.flatMap((sent) => found('a span', sent))).toEqual([])
  const files = readdirSync(join(folder, '.antiphon'), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && !/^engine\.db/.test(entry.name) && !/blobs|values/.test(entry.parentPath))
    .map(({ parentPath, name }) => join(parentPath, name))
  expect(files.flatMap((file) => found(file, readFileSync(file, 'latin1')))).toEqual([])
})

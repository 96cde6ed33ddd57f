import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { readdirSync, readFileSync } from 'node:fs'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { LLMock } from '@copilotkit/aimock'
import { beforeAll, expect, it } from 'vitest'
import { socketFetch } from '../../src/http/client/transport/unix-socket.ts'
import { secretForms } from '../../src/secret/redaction.ts'
import { openSecrets, secretsFileIn } from '../../src/secret/store.ts'
import { openServing } from '../cli/held.ts'
import { openReceiver } from '../observe/otlp.ts'
import { FIXTURE } from '../tool/mcp/bench.ts'

const plant = (kind: string) => `${kind}${randomBytes(18).toString('base64url')}`
const PLANTED = {
  'the key in the environment': plant('sk-'),
  'the key that is kept': plant('lab+/'),
  'its successor': plant('next&'),
  'what a tool is given': plant('t"k?'),
  'the passphrase': plant('pass phrase '),
  'a password of something else': plant('other'),
  'a variable of an MCP server': plant('mcp'),
  'a header of an MCP server': plant('header'),
  'the key of a search service': plant('search'),
  'a header of a request': plant('request'),
} as const
const { 'the key in the environment': KEY, 'the key that is kept': LAB, 'its successor': NEXT } = PLANTED
const TOKEN = PLANTED['what a tool is given']
const mock = new LLMock({ port: 0, logLevel: 'silent' })
let url = ''
const keys = new Set<string | undefined>()
const DENIED: { readonly [model: string]: number | undefined } = { denied: 401, broken: 500 }

beforeAll(async () => {
  mock.on({ model: 'small' }, { content: 'The ship leaves at noon.' })
  const behind = await mock.start()
  // before the mock, since servers repeat keys that they refuse, and it does not
  const front = createServer(async (asked, answer) => {
    const [body, key = ''] = [await text(asked), asked.headers.authorization]
    if (asked.method === 'GET' || asked.url === '/mcp') return answerPlainly(asked, answer)
    keys.add(key)
    const status = DENIED[JSON.parse(body).model]
    if (status) return answer.writeHead(status, JSON_TYPE).end(JSON.stringify({ error: { message: refusal(key) } }))
    const got = await fetch(`${behind}${asked.url}`, { method: 'POST', headers: JSON_TYPE, body })
    answer.writeHead(got.status, { 'content-type': got.headers.get('content-type')! }).end(await got.text())
  }).listen(0, '127.0.0.1')
  await once(front, 'listening')
  url = `http://127.0.0.1:${(front.address() as AddressInfo).port}`
  return async () => {
    front.close()
    await mock.stop()
  }
})

/** Repeats what it got: a search service, a server of the Model Context Protocol that refuses, and a page. */
function answerPlainly({ url: path = '', headers }: IncomingMessage, answer: ServerResponse): void {
  const told = refusal(headers.authorization ?? String(headers['x-key']))
  reached.add(path.split('?')[0]!)
  const results = [{ title: told, url: `http://127.0.0.1/${told}`, content: told }]
  if (path.startsWith('/found')) return void answer.writeHead(200, JSON_TYPE).end(JSON.stringify({ results }))
  answer.writeHead(path === '/mcp' ? 401 : 200, { 'x-told': told }).end(told)
}
const reached = new Set<string>()

const JSON_TYPE = { 'content-type': 'application/json' }
const refusal = (key: string) =>
  `no: ${key} ${btoa(key)} ${encodeURIComponent(key)} ${Buffer.from(key).toString('hex')}`

const PLUGIN = `export default [{
  name: 'leak', description: 'Repeats what it is given.', effect: 'idempotent',
  input: { '~standard': { version: 1, vendor: 'x', validate: (value) => ({ value }) } },
  execute({ token }) { throw new Error('cannot log in with ' + token + ', nor with ' + btoa('me:' + token)) },
}, {
  name: 'peek', description: 'Tells what is in the environment.', effect: 'idempotent',
  input: { '~standard': { version: 1, vendor: 'x', validate: (value) => ({ value }) } },
  execute: () => ({ found: 'it is ' + process.env.SOME_PASSWORD, key: btoa('key ' + process.env.OPENAI_API_KEY) }),
}]`

const PIPELINE = `
name: Told
steps:
  - id: echoed
    tool: terminal
    action: execute
    parameters:
      command: 'printf %s "$TOKEN"; printf %s "$TOKEN" | base64; printf %s "$TOKEN" >&2; printf %s "$TOKEN" | wc -c'
      shell: true
      env: { TOKEN: secret://tool }
  - { id: early, action: generate, parameters: { prompt: 'When?', model: lab/denied }, on_failure: continue }
  - { id: gate, tool: wait-for-signal, action: execute, parameters: { signal: go }, depends_on: [echoed, early] }
  - id: failed
    tool: terminal
    action: execute
    parameters: { command: 'echo "$TOKEN" >&2; exit 3', shell: true, env: { TOKEN: secret://tool } }
    depends_on: [gate]
    on_failure: continue
  - { id: thrown, tool: leak, action: execute, parameters: { token: secret://tool }, retry: 0, depends_on: [gate], on_failure: continue }
  - { id: served, tool: 'fix:environment', depends_on: [gate] }
  - { id: unserved, tool: 'web:any', depends_on: [gate], on_failure: continue }
  - { id: searched, tool: web-search, action: search, parameters: { query: tide }, depends_on: [gate] }
  - { id: fetched, tool: http-client, action: get, parameters: { url: FRONT/page, headers: { x-key: secret://request } }, depends_on: [gate] }
  - { id: refused, tool: http-client, action: get, parameters: { url: 'http://127.0.0.1:1/', headers: { x-key: secret://request } }, retry: 0, depends_on: [gate], on_failure: continue }
  - { id: peeked, tool: peek, action: execute, parameters: {}, depends_on: [gate] }
  - { id: asked, action: chain, parameters: { prompt: 'When?', models: { action: lab/denied } }, depends_on: [gate], on_failure: continue }
  - { id: written, action: generate, parameters: { prompt: 'When?', model: lab/small }, depends_on: [gate] }
  - { id: kept, action: generate, parameters: { prompt: 'When?', model: lab/denied }, depends_on: [gate], on_failure: continue }
  - { id: others, action: generate, parameters: { prompt: 'When?', model: env/denied }, depends_on: [gate], on_failure: continue }
  - { id: broken, action: generate, parameters: { prompt: 'When?', model: env/broken }, retry: 0, depends_on: [gate], on_failure: continue }
`

/** A folder with secrets, servers over it one after the other, and all that they tell. */
async function openPlanted() {
  const bench = openServing()
  const receiver = await openReceiver()
  const provider = `type: openai-compatible, baseURL: ${url}/v1`
  bench.write('leak.mjs', PLUGIN)
  bench.write('told.yaml', PIPELINE.replace('FRONT', url))
  bench.write(
    'antiphon.yaml',
    ...['embedder: none', 'model: lab/small', 'plugins: [leak.mjs]', 'patience: 2s'],
    `web: { allow: [127.0.0.1], ports: [${new URL(url).port}] }`,
    `search: { backend: searxng, url: '${url}/found', key: secret://search }`,
    'mcpServers:',
    `  fix: { command: ${process.execPath}, args: [${FIXTURE}], env: { TOKEN: secret://mcp } }`,
    `  web: { url: '${url}/mcp', headers: { Authorization: Bearer secret://header } }`,
    `providers: { lab: { ${provider}, key: secret://lab }, env: { ${provider}, keyEnv: OPENAI_API_KEY } }`,
  )
  const environment = {
    ANTIPHON_PASSPHRASE: PLANTED['the passphrase'],
    OPENAI_API_KEY: KEY,
    SOME_PASSWORD: PLANTED['a password of something else'],
    OTEL_EXPORTER_OTLP_ENDPOINT: receiver.endpoint,
  }
  const data = bench.path('.antiphon')
  const secrets = openSecrets({ file: secretsFileIn(data), environment, cost: { N: 1024, r: 8, p: 1 } })
  const told: (readonly [where: string, text: string])[] = []

  async function serve(name: string) {
    const words = ['serve', '--listen', '0', '--log', 'json', '--log-level', 'debug']
    const running = bench.start(words, undefined, environment)
    await running.said('use it now')
    const { socket, url: at } = bench.owner()!
    const local = socketFetch(socket!)
    /** Asks as the user of the folder, or from the network by a token, and hears the answer, of a stream until a word. */
    async function ask(path: string, body?: object, { token, until }: Manner = {}) {
      const headers = { 'content-type': 'application/json', ...(token && { authorization: `Bearer ${token}` }) }
      const init = { headers, ...(body && { method: 'POST', body: JSON.stringify(body) }) }
      const response = await (token ? fetch(`${at}/v1${path}`, init) : local(new Request(`http://a/v1${path}`, init)))
      const answer = await heard(response, until)
      told.push([`${name} ${path}`, `${JSON.stringify([...response.headers])}${answer}`])
      return { status: response.status, answer }
    }
    async function stop() {
      process.kill(bench.owner()!.pid, 'SIGTERM')
      const { out, err } = await running.ended
      told.push([`${name} logs`, out], [`${name} says`, err])
    }
    return { ask, stop }
  }

  return { folder: bench.folder, data, receiver, secrets, told, serve }
}
type Manner = { readonly token?: string; readonly until?: string }

async function heard(response: Response, until: string | undefined): Promise<string> {
  let all = ''
  for await (const chunk of response.body!.pipeThrough(new TextDecoderStream())) {
    all += chunk
    if (until !== undefined && all.includes(until)) break
  }
  return all
}

/** What lies below a folder, a character for each byte. */
function filesIn(folder: string): readonly (readonly [path: string, text: string])[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map(({ parentPath, name }) => [join(parentPath, name), readFileSync(join(parentPath, name), 'latin1')])
}

/** Which planted secret is in which text, in whatever form. */
function found(told: readonly (readonly [where: string, told: string])[], token: string): readonly string[] {
  const forms = Object.entries({ ...PLANTED, 'the token': token }).map(
    ([what, value]) => [what, secretForms(value)] as const,
  )
  return told.flatMap(([where, all]) =>
    forms.flatMap(([what, some]) => (some.some((form) => all.includes(form)) ? [`${what}: ${where}`] : [])),
  )
}

// dear: each way in and each way out is tried
it('no planted secret is found in anything that is kept, told, logged or sent, and a guessed one only in the engine', async () => {
  const { folder, data, receiver, secrets, told, serve } = await openPlanted()
  await secrets.put('lab', LAB)
  await secrets.put('tool', TOKEN)
  await secrets.put('mcp', PLANTED['a variable of an MCP server'])
  await secrets.put('header', PLANTED['a header of an MCP server'])
  await secrets.put('search', PLANTED['the key of a search service'])
  await secrets.put('request', PLANTED['a header of a request'])
  const first = await serve('first')
  const { token } = JSON.parse((await first.ask('/keys', { name: 'k', owner: 'local', scopes: ['admin'] })).answer)
  // its token is told there, this once
  told.pop()
  const network = { token }

  // a run that waits is taken up by the next server; its tools and models repeat what they are given
  await first.ask('/runs', { file: join(folder, 'told.yaml'), id: 'r1' })
  await first.ask('/runs/r1/events', undefined, { until: 'signal-wait' })
  await first.ask('/threads/t/asks', { prompt: 'When does it leave?', id: 'a1' }, network)
  await first.ask('/threads/t/asks/a1/events', undefined, network)
  expect(keys).toEqual(new Set([`Bearer ${LAB}`]))
  expect((await first.ask('/metrics', undefined, network)).status).toBe(200)
  await first.stop()

  await secrets.rotate('lab', NEXT)
  const second = await serve('second')
  await second.ask('/runs/r1/signal', { name: 'go', value: 1 })
  await second.ask('/runs/r1/events')
  const run = JSON.parse((await second.ask('/runs/r1', undefined, network)).answer)
  const statuses = Object.entries(run.steps).map(([id, step]) => [id, (step as { readonly status: string }).status])
  const failed = ['early', 'failed', 'thrown', 'asked', 'kept', 'others', 'broken', 'unserved', 'refused'].map((id) => [
    id,
    'failed',
  ])
  expect(Object.fromEntries(statuses)).toEqual({
    echoed: 'completed',
    gate: 'completed',
    written: 'completed',
    peeked: 'completed',
    served: 'completed',
    searched: 'completed',
    fetched: 'completed',
    ...Object.fromEntries(failed),
  })
  expect([...reached].sort()).toEqual(['/found/search', '/mcp', '/page'])
  expect(run.steps.served.value.result.data.token).toBe('[redacted]')
  expect(run.steps.echoed.value.result.stdout).toMatch(/^\[redacted\].*\b28\n$/s)
  expect(keys).toEqual(new Set([LAB, NEXT, KEY].map((key) => `Bearer ${key}`)))

  // what callers do wrong, and what the network may not
  await second.ask('/pipelines/told', { text: PIPELINE }, network)
  await second.ask('/pipelines/told/runs', { id: 'r2' }, network)
  for (const path of [
    '/runs/none',
    '/runs/r2/events',
    '/deadletters',
    '/actors/run/r1',
    '/actors/run/r1/why',
    '/tree',
    '/audit',
    '/keys',
    '/status',
  ])
    await second.ask(path, undefined, network)
  for (const wrong of [`${token.slice(0, -4)}aaaa`, LAB]) {
    const refused = await second.ask('/runs', undefined, { token: wrong })
    expect(refused.status).toBe(401)
  }
  for (const body of [{ source: { name: 'x.yaml', text: 'steps: [' } }, { file: '/x.yaml' }, { id: 1 }])
    await second.ask('/runs', body, network)
  await second.ask('/metrics', undefined, network)
  await second.stop()

  const sent = receiver.raw.map((body, n) => [`OTLP ${n}`, body] as const)
  expect(sent.length).toBeGreaterThan(1)
  const all = [...filesIn(data), ...told, ...sent]
  // a value that only looks secret stays in the results of steps
  expect(found(all, token).filter((where) => !/^a password of something else: .*\/engine\.db/.test(where))).toEqual([])
  const marked = all.filter(([, text]) => text.includes('[redacted]')).map(([where]) => where.replace(`${data}/`, ''))
  expect(marked).toEqual(
    expect.arrayContaining([
      expect.stringMatching(/^engine.db/),
      'second /runs/r1/events',
      'second /runs/r1',
      'second logs',
    ]),
  )
})

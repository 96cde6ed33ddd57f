import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { loadConfig } from '../../src/config/config.ts'
import { type RestateServer, startRestate } from '../../src/engine/restate/server/server.ts'
import { ROUTES } from '../../src/http/routes/route-table.ts'
import { openApi } from '../../src/http/routing/openapi.ts'
import { createApp } from '../../src/http/server/app.ts'
import { createRuntime, type ServedRuntime } from '../../src/runtime/open/create-runtime.ts'
import { fc, runs } from '../property.ts'

const SECRET = 'sk-planted-4f1d0c9e7b'
const TEXT = 'name: said\nsteps:\n  - { id: said, tool: debug, action: execute, parameters: { message: hello } }\n'

/** ANTIPHON_FUZZ_ON=restate: on a server, where each request takes longer. */
const ON_RESTATE = process.env.ANTIPHON_FUZZ_ON === 'restate'

let folder: string
let runtime: ServedRuntime
let server: RestateServer | undefined
let app: ReturnType<typeof createApp>

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'antiphon-fuzz-'))
  if (ON_RESTATE) server = await openServer()
  const config = await loadConfig({ folder, environment: { OPENAI_API_KEY: SECRET } })
  runtime = await createRuntime({ ...config, embedder: 'none', ledger: {} })
  await runtime.runs.start({ source: { name: 'said', text: TEXT }, owner: 'ann', id: 'r1' })
  await runtime.pipelines.put('p1', { text: TEXT }, { owner: 'ann' })
  await runtime.threads.open({ id: 't1' })
  let time = 0
  const caller = { owner: 'ann', key: 'k1', scopes: ['admin'], local: false } as const
  app = createApp(runtime, { identify: () => caller, now: () => (time += 60_000) })
})
afterAll(async () => {
  await runtime.stop({ grace: 0 })
  await server?.stop()
  await rm(folder, { recursive: true, force: true })
})

/** A server that the configuration in the folder names. */
async function openServer(): Promise<RestateServer> {
  const opened = await startRestate(folder)
  await writeFile(join(folder, 'antiphon.yaml'), `engine: { restate: { admin: '${opened.admin}', namespace: fuzz } }\n`)
  return opened
}

type Operation = {
  readonly method: string
  readonly path: string
  readonly queries: readonly string[]
  readonly fields: readonly string[]
}
type Parameter = { readonly name: string; readonly in: string }
type Told = {
  readonly parameters?: readonly Parameter[]
  readonly requestBody?: {
    readonly content: { readonly [type: string]: { readonly schema: { readonly properties?: object } } }
  }
}

/** What the document says can be asked, but for streams, which have no end. */
const OPERATIONS = Object.entries(openApi(ROUTES).paths ?? {}).flatMap(([path, item]) =>
  Object.entries(JSON.parse(JSON.stringify(item)) as { readonly [method: string]: Told })
    .filter(() => !/events$|presence$/.test(path))
    .map(([method, { parameters = [], requestBody }]): Operation => {
      const { properties = {} } = requestBody?.content['application/json']?.schema ?? {}
      const queries = parameters.filter((found) => found.in === 'query').map(({ name }) => name)
      return { method, path, queries, fields: Object.keys(properties) }
    }),
)

const json = fc.jsonValue({ maxDepth: 3 })
const word = fc.oneof(
  fc.constantFrom('r1', 'p1', 'run/r1', 'debug', 'local', 't1', 'constructor', '__proto__', 'toString'),
  fc.string({ minLength: 1 }),
  fc.string({ unit: 'binary', minLength: 1 }),
)
const likely = fc.oneof(
  json,
  word,
  fc.constant({ text: TEXT, name: 'x' }),
  fc.constant({}),
  fc.integer(),
  fc.constantFrom(-1, 2 ** 53, '2026', ['read']),
)

/** A request of that kind: sensible in part, and as wrong as can be. */
const requestTo = ({ path, queries, fields }: Operation) =>
  fc.record({
    path: fc
      .array(word, { minLength: 5, maxLength: 5 })
      .map((words) => path.replace(/\{\w+\}/g, () => encodeURIComponent((words.pop() ?? 'x').toWellFormed()))),
    query: fc.dictionary(fc.constantFrom(...queries, 'limit', 'other'), fc.oneof(word, fc.integer().map(String)), {
      maxKeys: 3,
    }),
    body: fc.oneof(
      {
        weight: 4,
        arbitrary: fc
          .dictionary(fc.constantFrom(...fields, 'other'), likely, { maxKeys: 6 })
          .map((value) => JSON.stringify(value)),
      },
      { weight: 1, arbitrary: json.map((value) => JSON.stringify(value)) },
      { weight: 1, arbitrary: fc.string() },
    ),
  })

it.each(OPERATIONS.map((operation) => [`${operation.method} ${operation.path}`, operation] as const))(
  '%s takes whatever it is sent: no fault of its own, no stack, no secret',
  async (_, operation) => {
    await fc.assert(
      fc.asyncProperty(requestTo(operation), async ({ path, query, body }) => {
        const response = await app.request(`/v1${path}?${new URLSearchParams(query)}`, {
          method: operation.method.toUpperCase(),
          ...(operation.method !== 'get' && { body, headers: { 'content-type': 'application/json' } }),
        })
        const text = await response.text()
        expect([500, 501, 502], text).not.toContain(response.status)
        expect(text).not.toMatch(/\n\s+at |node:internal|\/src\//)
        expect(text).not.toContain(SECRET)
      }),
      runs(10),
    )
  },
)

/** What every object of JavaScript has, and a name that nothing has. */
const NOWHERE = ['nowhere', 'constructor', '__proto__', 'toString', 'hasOwnProperty']
/** A page may open before the first message of its conversation: nothing was said, and there is no reply. */
const BEFORE_THE_FIRST = [
  '/agents/{agent}/chat/{chat}/stream',
  '/threads/{thread}/messages',
  '/conversations/{conversation}/events',
]
const READS = Object.entries(openApi(ROUTES).paths ?? {}).flatMap(([path, { get } = {}]) =>
  get && path.includes('{') && !path.startsWith('/budgets') && !BEFORE_THE_FIRST.includes(path) ? [path] : [],
)

it.each(READS)('%s says 404 for names that nothing has, below things that are there, too', async (path) => {
  const places = path.match(/\{\w+\}/g)!.length
  const urls = (places > 1 ? [undefined, 'r1', 't1'] : [undefined]).flatMap((first) =>
    NOWHERE.map((name) => {
      let place = 0
      return path.replace(/\{\w+\}/g, () => (place++ === 0 ? (first ?? name) : name))
    }),
  )
  // side by side: an ask that is not there may be on its way, for a second
  const found = await Promise.all(
    urls.map(async (url) => {
      const response = await app.request(`/v1${url}`, { signal: AbortSignal.timeout(5000) })
      await response.body?.cancel()
      return [url, response.status]
    }),
  )
  expect(found).toEqual(urls.map((url) => [url, 404]))
})

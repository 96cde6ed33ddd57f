import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import {
  type CallToolResult,
  Client,
  StreamableHTTPClientTransport,
  type Transport,
} from '@modelcontextprotocol/client'
import { onTestFinished } from 'vitest'
import { loadConfig } from '../../../src/config/config.ts'
import { mcpServing } from '../../../src/config/mcp-serving.ts'
import type { KeyScope } from '../../../src/house/scope.ts'
import { createApp } from '../../../src/http/server/app.ts'
import { type Identify, identifyByKey, identifyNobody } from '../../../src/http/server/authenticate.ts'
import { serve } from '../../../src/http/server/serve.ts'
import { createRuntime } from '../../../src/runtime/open/create-runtime.ts'
import type { ServedRuntime } from '../../../src/runtime/ports.ts'
import type { ScriptedModel } from '../../../src/testing/scripted-model.ts'
import { linesIn } from '../../tool/mcp/bench.ts'

/** The tools of these tests. */
export const TOOLS = join(import.meta.dirname, 'tools.ts')

export const GREET = [
  'name: greet',
  'description: Greets by name',
  'inputs:',
  '  who: { type: string, required: true, description: the name }',
  '  loud: { type: boolean, default: false }',
  'steps: [{ id: hello, action: "echo Hello {{ who }}" }]',
  'outputs: { said: "{{ hello }}" }',
].join('\n')

const SERVE = 'mcp: { serve: [note, say, bug, greet.yaml] }'

export const BOTH = ['auto', 'legacy'] as const
export type Era = (typeof BOTH)[number]

/** The answer of the person at the client; absent: the client cannot ask. */
export type Person = (question: { readonly message: string; readonly requestedSchema: unknown }) => object

/** A server over a folder of its own, and clients of it. */
export const openMcp = (...settings: readonly string[]) =>
  openMcpFor(({ access }) => identifyByKey(access), ...settings)

/** A server without keys, for callers on this machine. */
export const openMcpForAll = (...settings: readonly string[]) => openMcpFor(() => identifyNobody(), ...settings)

/** A server with agents, whose model follows a script. */
export async function openMcpOf(model: ScriptedModel, ...settings: readonly string[]) {
  const models = 'model: lab/one\nmodels: [{ id: lab/one, cost: { input: 1, output: 1 } }]'
  return openMcpFor(({ access }) => identifyByKey(access), models, ...settings, { 'lab/one': model })
}

type Models = { readonly [id: string]: ScriptedModel }

async function openMcpFor(identifies: (runtime: ServedRuntime) => Identify, ...given: readonly (string | Models)[]) {
  const texts = given.filter((one) => typeof one === 'string')
  // the pipeline that is served, with the path of a file `go` in the place of GO
  const greet = texts.find((one) => one.startsWith('name: ')) ?? GREET
  const settings = texts.filter((one) => one !== greet)
  const models = given.find((one) => typeof one !== 'string')
  const folder = mkdtempSync(join(tmpdir(), 'antiphon-mcp-'))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true, maxRetries: 5 }))
  const path = (name: string) => join(folder, name)
  writeFileSync(path('greet.yaml'), greet.replace('GO', path('go')))
  const unless = (key: string, line: string) => (settings.some((one) => one.startsWith(key)) ? [] : [line])
  writeFileSync(
    path('antiphon.yaml'),
    [...unless('plugins:', `plugins: [${TOOLS}]`), ...unless('mcp:', SERVE), ...settings].join('\n'),
  )
  const config = await loadConfig({ folder, environment: {} })
  const runtime = await createRuntime({ ...config, embedder: 'none' }, models ? { models } : {})
  onTestFinished(() => runtime.stop({ grace: 0 }))
  const { serve: guarded } = config
  let followers = 0
  async function* events(...asked: Parameters<typeof runtime.runs.events>) {
    followers++
    try {
      yield* runtime.runs.events(...asked)
    } finally {
      followers--
    }
  }
  const app = createApp(
    { ...runtime, runs: { ...runtime.runs, events } },
    {
      identify: identifies(runtime),
      mcp: mcpServing(config),
      ...(guarded && { serve: guarded }),
    },
  )
  const door = await serve(app, { host: '127.0.0.1', port: 0 })
  onTestFinished(() => door.close())
  const url = `http://127.0.0.1:${door.port}/mcp`
  const key = async (owner = 'ada', scopes: readonly KeyScope[] = ['read', 'run', 'approve', 'ask']) =>
    (await runtime.access.keys.create({ name: 'test', owner, scopes })).token
  return {
    ...{ folder, path, runtime, url, key },
    log: path('log'),
    noted: () => linesIn(path('log')),
    /** how many runs are followed now */
    followers: () => followers,
    /** A client with a key of its own, or this one. */
    async connect({ era = 'auto', person, token }: { era?: Era; person?: Person; token?: string } = {}) {
      const headers = { authorization: `Bearer ${token ?? (await key())}` }
      return connectClient(new StreamableHTTPClientTransport(new URL(url), { requestInit: { headers } }), era, person)
    },
  }
}

/** A client of the package over this transport. `auto`: the revision of 2026. It hands questions back unless there is a person. */
export async function connectClient(transport: Transport, era: Era = 'auto', person?: Person) {
  const client = new Client(
    { name: 'test', version: '1' },
    { ...(person && { capabilities: { elicitation: { form: {} } } }), versionNegotiation: { mode: era } },
  )
  if (person)
    client.setRequestHandler(
      'elicitation/create',
      async ({ params }) => person(params as never) as { action: 'accept' },
    )
  await client.connect(transport)
  onTestFinished(() => client.close())
  const call = async (name: string, input: object, key?: string): Promise<CallToolResult> => {
    const _meta = key === undefined ? undefined : { 'antiphon/idempotency-key': key }
    return client.callTool({ name, arguments: { ...input }, ...(_meta && { _meta }) }) as Promise<CallToolResult>
  }
  return { client, call }
}

/** The text of a result. */
export const textOf = ({ content }: CallToolResult) =>
  content.flatMap((block) => (block.type === 'text' ? [block.text] : [])).join('\n')

import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { Hono } from 'hono'
import { createApp } from '../../src/http/server/app.ts'
import { type ServedOpenly, serve } from '../../src/http/server/serve.ts'
import { createRuntime, type InternalParts, type ServedRuntime } from '../../src/runtime/open/create-runtime.ts'
import type { Gate } from '../../src/testing/gate.ts'
import { type ScriptedTurn, scriptedModel } from '../../src/testing/scripted-model.ts'

/** A runtime with its model and what serves it. */
export type Server = { readonly runtime: ServedRuntime; readonly model: Model; readonly served: ServedOpenly }

/** Where the answers of a server's model wait. */
type Model = { gate?: Gate }

/** Where a bare handler answers on the same server. */
export const BARE = '/bare'
const PLUGINS = ['../engine/increment.ts', 'tick.ts'].map((name) => join(import.meta.dirname, name))

/** Opens a runtime in that folder, on libSQL and FULL, and serves it on loopback. */
export async function openServer(folder: string, parts: InternalParts = {}, workers = 10_000): Promise<Server> {
  const { runtime, model } = await openScripted(folder, { writer: 'thread', ...parts }, workers)
  const bare = new Hono().get(BARE, (context) => context.json({ status: 'ok' }))
  const app = createApp(runtime)
  const fetch = (request: Request, env?: object) =>
    request.url.endsWith(BARE) ? bare.fetch(request, env) : app.fetch(request, env)
  return { runtime, model, served: await serve({ fetch }, { host: '127.0.0.1', port: 0 }) }
}

/** Opens a runtime in that folder, on libSQL and FULL, whose model replies to each phase at once, or waits at its gate. */
export async function openScripted(
  folder: string,
  parts: InternalParts = {},
  workers = 10_000,
): Promise<Pick<Server, 'runtime' | 'model'>> {
  const model: Model = {}
  const scripted = scriptedModel(SCRIPT.map((turn) => ({ ...turn, gate: whenOpen(model) })))
  const runtime = await openRuntime(folder, workers, {
    models: { 'scripted/model': scripted },
    ...parts,
  })
  // what a model was asked is kept by tests: 19 KB of each question, which no server would have in memory
  ;(scripted.calls as unknown[]).push = () => 0
  return { runtime, model }
}

/** Passes the gate there is when it is waited for. */
function whenOpen(model: Model): PromiseLike<void> {
  return {
    // biome-ignore lint/suspicious/noThenProperty: a gate is asked each time anew
    then: (...given) => (model.gate?.pass() ?? Promise.resolve()).then(...given),
  }
}

async function openRuntime(folder: string, workers: number, parts: InternalParts): Promise<ServedRuntime> {
  const data = join(folder, 'data')
  await mkdir(data, { recursive: true })
  const config = {
    folder,
    data,
    providers: {},
    embedder: 'none' as const,
    model: 'scripted/model',
    plugins: PLUGINS,
    roots: [folder],
    environment: {},
    pool: { workers, queue: 10_000 },
    retention: { runs: 100_000, runDays: 30, deadLetterDays: 30, auditDays: 90 },
  }
  return createRuntime(config, parts)
}

/** What the model says in each phase: it takes no time. */
const SCRIPT: readonly ScriptedTurn[] = Object.entries({
  Action: 'first answer',
  Experience: 'what the files add',
  Intention: { explicitIntent: 'to know', confidence: 0.8 },
  Observation: { observations: ['noted'] },
  Understanding: { loop: false, synthesis: 'draft', confidence: 0.8 },
  Yield: 'the answer',
}).map(([phase, reply]) => ({ match: new RegExp(`^${phase}: `, 'm'), reply }))

import { flushCompileCache } from 'node:module'
import { join } from 'node:path'
import type { LanguageModelV4, LanguageModelV4CallOptions } from '@ai-sdk/provider'
import type { AgentDefinition } from '../../src/agent/definition/definition.ts'
import type { Config } from '../../src/config/config.ts'
import { openRuntime } from '../../src/runtime/open/open-runtime.ts'
import { scriptedModel } from '../../src/testing/scripted-model.ts'
import { type Kill, openWitnessed } from '../chaos/flush/database.ts'

/** A data folder, and the moment at which the process of a goal kills itself. */
export type KilledGoal = { readonly folder: string; readonly kill?: Kill }

const AGENT: AgentDefinition = {
  name: 'clerk',
  description: 'Keeps facts',
  instructions: 'You keep facts.',
  tools: ['memory:add'],
  skills: [],
  approve: 'none',
  model: 'lab/one',
}

/** Adds a fact, and then answers. What it says follows from the request, so a new process goes on in the same way. */
const model: LanguageModelV4 = {
  ...scriptedModel([], 'lab/one'),
  async doGenerate(options: LanguageModelV4CallOptions) {
    const hasResult = options.prompt.some(({ role }) => role === 'tool')
    const usage = { input: 10, output: 1 }
    const input = { subject: 'home of Eve', text: 'Berlin' }
    const turn = hasResult ? { reply: 'noted', usage } : { calls: [{ name: 'memory_add', input }], usage }
    return scriptedModel([turn], 'lab/one').doGenerate(options)
  },
}

/** Works on a goal that adds a fact by the tool, until it is recorded. The same goal again goes on with the first one. */
export async function workIn({ folder, kill }: KilledGoal) {
  const config: Config = {
    folder,
    providers: {},
    embedder: 'none',
    model: 'lab/one',
    models: [{ id: 'lab/one', cost: { input: 1, output: 1 } }],
    plugins: [],
    roots: [folder],
    data: join(folder, 'data'),
    durability: 'process',
    retention: { runs: 10_000, runDays: 30, deadLetterDays: 30, auditDays: 90 },
    pool: { workers: 4, queue: 100 },
    environment: {},
  }
  const notes = { witness: join(folder, 'witness'), ledger: join(folder, 'ledger') }
  const runtime = await openRuntime(config, {
    models: { 'lab/one': model },
    openDatabase: (options) => openWitnessed(options, notes, kill),
  })
  await runtime.goals.start({ agent: AGENT, goal: 'Eve lives in Berlin', id: 'g' })
  await runtime.idle()
  const { status, rounds } = await runtime.goals.get('g')
  const own = runtime.memory('local')
  const records = (await own.list()).toReversed()
  const changes = (await own.changes.list()).toReversed()
  const fact = records.find(({ subject }) => subject !== undefined)
  const history = fact ? (await own.get(fact.id)).history : []
  const result = rounds[0]?.calls[0]?.result
  await runtime.stop()
  return { status, result, records, changes, history }
}

if (process.argv[1] === import.meta.filename) {
  flushCompileCache()
  await workIn(JSON.parse(process.argv[2]!) as KilledGoal)
}

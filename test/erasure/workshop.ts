import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { onTestFinished } from 'vitest'
import { loadConfig } from '../../src/config/config.ts'
import { systemClock } from '../../src/engine/engine.ts'
import { createRuntime, type ServedRuntime } from '../../src/runtime/open/create-runtime.ts'
import type { InternalParts } from '../../src/runtime/open/parts.ts'
import { scriptedModel } from '../../src/testing/scripted-model.ts'
import { until } from '../../src/testing/until.ts'

const CONFIG = `ledger: local
models: [{ id: lab/one, cost: { input: 1, output: 1 } }]
notify:
  - { url: "http://127.0.0.1:9/hook", secret: secret://HOOK, events: [approval], allow: [127.0.0.1] }
`

const pipeline = (secret: string) => `name: shelf
model: lab/one
steps:
  - { id: say, tool: debug, parameters: { message: "${secret}-message" } }
  - { id: keep, tool: mcp-memory, action: store, parameters: { key: "${secret}-key", value: "${secret}-note" } }
  - { id: ask, action: generate, parameters: { prompt: "${secret}-prompt" }, cache: true }
`
const waiting = (secret: string) => `name: gate
steps:
  - { id: gate, tool: approval-gate, parameters: { title: "${secret}-title" } }
`
/** The tool takes no such file, so the step fails with a text of its owner. */
const failing = (secret: string) => `name: broken
steps:
  - { id: read, tool: filesystem, action: read, parameters: { path: "${secret}-missing.txt" } }
`

type Opening = Pick<InternalParts, 'openDatabase'> & {
  /** the age of stored values */
  readonly hours?: number
  readonly data?: string
}

/** A folder whose owners have something in each place of the data folder. */
export function openWorkshop() {
  const folder = mkdtempSync(join(tmpdir(), 'antiphon-erasure-'))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true, maxRetries: 5 }))
  writeFileSync(join(folder, 'antiphon.yaml'), CONFIG)
  const own = join(folder, 'data')
  const model = scriptedModel(
    ['xyloglyph', 'marimba'].map((secret) => ({ match: secret, reply: `${secret}-reply` })),
    'lab/one',
  )

  async function open({ hours = 2, data = own, ...parts }: Opening = {}): Promise<ServedRuntime> {
    const environment = { HOOK: `whsec_${Buffer.alloc(32, 1).toString('base64')}` }
    const config = await loadConfig({ folder, environment })
    // stored values count as old enough
    const retentionClock = { ...systemClock, now: () => Date.now() + hours * 3_600_000 }
    const given = { ...config, data, embedder: 'none' as const }
    const runtime = await createRuntime(given, { models: { 'lab/one': model }, retentionClock, ...parts })
    onTestFinished(() => runtime.stop({ grace: 0 }))
    return runtime
  }
  return { folder, data: own, open }
}

/** Makes something of an owner in each place. All its texts contain `secret`. */
export async function fill(runtime: ServedRuntime, owner: string, secret: string): Promise<void> {
  const of = { owner }
  await runtime.access.keys.create({ name: `${secret}-laptop`, owner, scopes: ['run'] })
  await runtime.memory(owner).add([{ text: `${secret}-record`, subject: `${secret}-subject` }])
  await runtime.environments.update(`${owner}:shop`, { note: `${secret}-state` })
  await runtime.pipelines.put('own', { text: pipeline(secret) }, of)
  await runtime.agents.put(
    'helper',
    { instructions: `${secret}-instructions`, description: `${secret}-about`, model: 'lab/one' },
    of,
  )
  const run = await runtime.runs.start({ source: { text: pipeline(secret) }, id: `run-${owner}`, budget: 5, ...of })
  await runtime.runs.start({ source: { text: failing(secret) }, ...of })
  const gate = await runtime.runs.start({ source: { text: waiting(secret) }, id: `gate-${owner}`, ...of })
  await until(async () => (await runtime.inbox.list({ run: gate.id })).length > 0)
  await runtime.access.links.create({ run: gate.id, signal: 'gate', kind: 'webhook', ttl: 60_000, owner })
  const texts = [{ name: `${secret}.md`, text: `The ship of ${secret} leaves at noon.` }]
  await runtime.threads.ask({ thread: `${owner}:main`, prompt: `When does ${secret} leave?`, texts, ...of })
  await runtime.goals.start({
    agent: 'helper',
    goal: `${secret}-goal`,
    id: `goal-${owner}`,
    context: `${secret}-context`,
    ...of,
  })
  const message = `${owner}:main#message:${secret}`
  await runtime.ledger.book(owner, { type: 'novelty', ask: message, amount: '1000000000' })
  await runtime.serving.claimRequest(`request-${owner}`, 'fingerprint', owner)
  await until(async () => (await runtime.runs.get(run.id)).status === 'completed')
  await runtime.engine.tell({ kind: 'run', key: run.id }, { type: 'unknown', text: `${secret}-letter` })
  await until(async () => (await runtime.notices.list()).some((one) => one.owner === owner))
  // a goal records itself after its end
  await until(async () => (await runtime.memory(owner).list()).some(({ source }) => source.type === 'goal'))
}

/** Everything that an owner can see. */
export async function seen(runtime: ServedRuntime, owner: string) {
  const of = { owner }
  return {
    keys: await runtime.access.keys.list(of),
    records: await runtime.memory(owner).list(),
    changes: await runtime.memory(owner).changes.list(),
    environments: await runtime.environments.list(of),
    pipelines: await runtime.pipelines.list(of),
    agents: await runtime.agents.list(of),
    runs: await Promise.all((await runtime.runs.list(of)).map(({ id }) => runtime.runs.get(id))),
    inbox: await runtime.inbox.list(of),
    goals: await runtime.goals.list(of),
    threads: await Promise.all((await runtime.threads.list(of)).map(({ id }) => runtime.threads.get(id))),
    budgets: await runtime.budgets.list(of),
    rewards: await runtime.ledger.history(of),
  }
}

/** The files below a folder that contain a text; also in the word index, where terms are hexadecimal. */
export function filesWith(folder: string, text: string): readonly string[] {
  const term = Buffer.from(text).toString('hex')
  return readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((name) => {
    const path = join(folder, name)
    if (!statSync(path).isFile()) return false
    const bytes = readFileSync(path)
    return bytes.includes(text) || bytes.includes(term)
  })
}

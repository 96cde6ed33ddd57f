import { mkdirSync } from 'node:fs'
import { expect, it } from 'vitest'
import type { z } from 'zod'
import { createClient } from '../../src/http/client/client.ts'
import { ROUTES } from '../../src/http/routes/route-table.ts'
import { createApp } from '../../src/http/server/app.ts'
import { until } from '../../src/testing/index.ts'
import { scriptedModel } from '../../src/testing/scripted-model.ts'
import { answersAround, roomSamples } from '../rooms/samples.ts'
import { openFolder } from '../runtime/inspect/folder.ts'
import { collect, post } from './bench.ts'

const PIPELINE = `name: two ways
inputs:
  word: { type: string, required: true }
steps:
  - { id: write, tool: filesystem, action: write, parameters: { path: out.txt, content: "{{ word }}" }, produces: file, location: out.txt }
  - { id: broken, tool: terminal, parameters: { command: "false" }, on_failure: continue }
  - { id: each, for_each: "['a', 'b']", steps: [{ id: say, tool: terminal, parameters: { command: echo hello } }] }
  - { id: look, tool: approval-gate, dependencies: [write, broken, each], parameters: { title: Is it right? } }
outputs:
  told: "{{ write.result }}"
`

const LONG =
  'name: long\nsteps: [{ id: lines, tool: terminal, action: execute, parameters: { command: seq 1 200000 } }]\n'

const BELOW = `name: above
steps:
  - id: sub
    tool: pipeline-executor
    parameters: { pipeline: { name: below, steps: [{ id: say, tool: terminal, parameters: { command: echo hello } }] } }
`

/** An app over a real folder with a run that waits for people. */
async function openWaiting() {
  const folder = openFolder()
  folder.write('p.yaml', PIPELINE)
  const models = 'models: [{ id: lab/scribe, cost: { input: 1, output: 1 } }]\n'
  folder.write('antiphon.yaml', `ledger: { sharing: public, settlement: { treasury: t, key: secret://k } }\n${models}`)
  folder.write('notes.md', '# Ships\n\nThe ship leaves at noon.\n')
  const runtime = await folder.open([], [], {}, { 'lab/scribe': scriptedModel([{ reply: 'Noon.' }], 'lab/scribe') })
  const app = createApp(runtime)
  const client = createClient((request) => app.fetch(request))
  const { id } = await client.runs.start({ file: folder.path('p.yaml'), inputs: { word: 'hi' } })
  await until(async () => (await client.inbox.list()).length > 0)
  return { ...folder, app, client, runtime, id }
}

it('answers what is declared, and nothing beside it', async () => {
  const { app, id, path, write, client, runtime } = await openWaiting()
  const seen = new Set<string>()

  async function check(declared: string, target: string, body?: object): Promise<void> {
    const route = ROUTES.find(({ method, path }) => `${method} ${path}` === declared)!
    const { method } = route
    const response = await app.request(`/v1${target}`, {
      ...(body && post(JSON.stringify(body))),
      method: method.toUpperCase(),
    })
    const answer = await response.json()
    expect([target, response.status, answer]).toMatchObject([target, route.answer.status ?? 200, {}])
    // a schema drops what it does not know
    expect((route.answer.schema as z.ZodType).parse(answer), declared).toEqual(answer)
    seen.add(declared)
  }

  const file = path('p.yaml')
  await check('post /pipelines/validate', '/pipelines/validate', { file })
  await check('post /pipelines/plan', '/pipelines/plan', { file, inputs: { word: 'x' } })
  await check('put /pipelines/{name}', '/pipelines/two', { text: PIPELINE, files: { 'x.txt': 'x' } })
  await check('get /pipelines', '/pipelines')
  await check('get /pipelines/{name}', '/pipelines/two')
  await check('post /pipelines/{name}/runs', '/pipelines/two/runs', { inputs: { word: 'x' } })
  await check('delete /pipelines/{name}', '/pipelines/two')
  await check('put /agents/{name}', '/agents/triage', { definition: { instructions: 'Sort.', description: 'Sorts' } })
  await check('get /agents', '/agents')
  await check('get /agents/{name}', '/agents/triage')
  await check('delete /agents/{name}', '/agents/triage')
  mkdirSync(path('agents'))
  write('agents/clerk.md', '---\ndescription: Keeps notes\n---\nKeep notes.\n')
  write('below.yaml', BELOW)
  const below = await client.runs.start({ file: path('below.yaml') })
  await until(async () => (await client.runs.get(below.id)).status === 'completed')
  await check('get /runs', '/runs')
  await check('get /run-counts', '/run-counts')
  await check('get /runs/{run}/steps', `/runs/${id}/steps`)
  await check('get /runs/{run}/source', `/runs/${id}/source`)
  await check('get /tool-health', '/tool-health')
  await check('get /runs', '/runs?details=true')
  await check('get /runs/{run}', `/runs/${id}`)
  const [step] = Object.keys((await client.runs.get(id)).steps)
  await check('get /runs/{run}/steps/{step}', `/runs/${id}/steps/${step}`)
  write('long.yaml', LONG)
  const long = await client.runs.start({ file: path('long.yaml') })
  await until(async () => (await client.runs.get(long.id)).status === 'completed')
  await check('get /runs/{run}/steps/{step}/whole/{field}', `/runs/${long.id}/steps/lines/whole/stdout`)
  await check('get /runs/{run}/changes', `/runs/${id}/changes`)
  await check('get /runs/{run}/artifacts', `/runs/${id}/artifacts`)
  await check('get /inbox', '/inbox')
  await check('get /actors', '/actors')
  await check('get /actors/{ref}', `/actors/${encodeURIComponent(`run/${id}`)}`)
  await check('get /actors/{ref}/why', `/actors/${id}/why`)
  await check('get /tree', '/tree')
  await check('get /stranded', '/stranded')
  await check('get /deadletters', '/deadletters')
  await check('get /status', '/status')
  await check('get /tools', '/tools')
  await check('get /tools/{tool}', '/tools/filesystem')
  await check('get /models', '/models')
  await check('get /chain/phases', '/chain/phases')
  await check('get /chain/select', '/chain/select?modality=code&phase=yield')
  await check('get /models/choice', '/models/choice?needs=json,%20offline')
  await check('get /pools', '/pools')
  await check('get /series', '/series?span=day')
  await check('get /caller', '/caller')
  await check('get /health', '/health')
  await check('get /ready', '/ready')
  await check('post /gc', '/gc', { dryRun: true })
  await check('post /backup', '/backup', { file: path('one.backup') })
  await check('post /keys', '/keys', { name: 'ci', owner: 'ada', scopes: ['read'], ttl: 60_000 })
  await check('get /keys', '/keys')
  await runtime.access.audit.record({ owner: 'ada', key: 'k', method: 'POST', route: '/', target: '/', status: 200 })
  await check('get /audit', '/audit')
  await check('post /threads/{thread}/asks', '/threads/main/asks', {
    prompt: 'When does the ship leave?',
    files: [path('notes.md')],
  })
  await check('put /threads/{thread}/asks/{ask}', '/threads/main/asks/mine', { prompt: 'When does the ship leave?' })
  await runtime.threads.ask({ thread: 'main', prompt: 'When does the ship leave?', id: 'mine' })
  await runtime.threads.ask({
    thread: 'main',
    prompt: `When does the ship leave? ${'And so on. '.repeat(100)}`,
    id: 'long',
  })
  await runtime.threads.ask({ thread: 'main', prompt: 'When does the ship leave?', id: 'last' })
  await check('put /threads/{thread}/name', '/threads/main/name', { name: 'Letters' })
  await check('get /threads', '/threads')
  await check('get /threads/{thread}', '/threads/main')
  await check('get /threads/{thread}/messages', '/threads/main/messages?limit=3')
  await check('get /threads/{thread}/asks/{ask}', '/threads/main/asks/last')
  await check('get /asks/{ask}/trace', '/asks/last/trace?thread=main')
  await check('get /inbox', '/inbox')
  const { message } = (await client.threads.getAsk('main', 'last')).consents![0]!
  await check('post /asks/{ask}/consent', '/asks/last/consent', { message, answer: 'summarise' })
  await check('post /runs/{run}/signal', `/runs/${id}/signal`, {
    name: (await client.inbox.list({ run: id }))[0]!.signal,
    value: { approved: true },
  })
  await collect(client.runs.events(id))
  await check('get /runs/{run}', `/runs/${id}`)
  await check('post /runs/{run}/fork', `/runs/${id}/fork`, {})
  await check('post /runs/{run}/replay', `/runs/${id}/replay`, {})
  const scope = encodeURIComponent(`run/${id}`)
  await check('post /budgets/{scope}/set', `/budgets/${scope}/set`, { limit: 2 })
  await check('post /budgets/{scope}/raise', `/budgets/${scope}/raise`, { limit: 5 })
  await check('get /budgets', '/budgets')
  await check('get /cost', '/cost')
  await check('get /work-counts', '/work-counts')
  await check('get /cache', '/cache')
  for (const what of [{ model: 'lab/one' }, { owner: 'ann' }, { tag: 'owner/ann' }, { all: true }])
    await check('post /cache/drop', '/cache/drop', what)
  await check('get /budgets/{scope}', `/budgets/${scope}`)
  await check('post /budgets/{scope}/remove', `/budgets/${scope}/remove`, {})
  await check('post /agents/{agent}/goals', '/agents/clerk/goals', { goal: 'Go.', id: 'go' })
  await collect(client.goals.events('go'))
  await check('post /code/adopt', '/code/adopt', {})
  await check('get /code/goals', '/code/goals')
  await check('get /goals', '/goals')
  await check('get /agents/{agent}/tools', '/agents/clerk/tools')
  await check('get /goals/{goal}', '/goals/go')
  write('agents/scribe.md', '---\ndescription: Writes\nmodel: lab/scribe\n---\nWrite.\n')
  await check('post /agents/{agent}/goals', '/agents/scribe/goals', { goal: 'Write.', id: 'write' })
  await collect(client.goals.events('write'))
  await check('get /goals/{goal}/rounds/{round}', '/goals/write/rounds/1')
  await check('post /goals/{goal}/rate', '/goals/go/rate', { rating: 'good' })
  const talk = '/conversations/talk/messages'
  const messages = 'post /conversations/{conversation}/messages'
  await check(messages, talk, { agent: 'clerk', text: 'Hello.', id: 'hello' })
  await check(messages, talk, { agent: 'clerk', text: 'Hello.', id: 'hello', wait: true, timeout: 1 })
  await check('get /conversations/{conversation}/messages/{message}', `${talk}/hello`)
  await check('delete /threads/{thread}', '/threads/main')
  for (const { prepare } of roomSamples) await prepare?.(runtime)
  await runtime.ledger.book('local', { type: 'citation', ask: 'local', record: 'record', amount: '1' })
  for (const answer of answersAround({ run: id })) await check(...answer)
  await check('get /openapi.json', '/openapi.json')
  const untold = ROUTES.filter(
    ({ method, path, answer }) => method === 'get' && answer.schema && !seen.has(`get ${path}`),
  )
  // a history needs a workflow, an operation on many runs its id
  const needMore = ['/bulks/{bulk}', '/erasures/{erasure}', '/runs/{run}/history', '/deadletters/{letter}']
  expect(untold.map(({ path }) => path).toSorted()).toEqual(needMore.toSorted())
})

import { expect, it } from 'vitest'
import { ROUTES } from '../../src/http/routes/route-table.ts'
import { openApi } from '../../src/http/routing/openapi.ts'
import { createApp } from '../../src/http/server/app.ts'
import type { Json } from '../../src/kernel/schema.ts'
import { until } from '../../src/testing/index.ts'
import { post } from '../http/bench.ts'
import { openFolder } from '../runtime/inspect/folder.ts'

const TEXT = `name: ask
inputs:
  kind: { type: string, required: true, choices: [ship, tide] }
  count: { type: integer, default: 1 }
steps:
  - { id: gate, tool: approval-gate, parameters: { title: Is it right? } }
`
const inputs = (given: { readonly [name: string]: Json }) => ({ source: { text: TEXT }, inputs: given })

/** An app that is asked by bob, over a folder in which a run of his waits for people, and one of ann is. */
async function openAsked() {
  const folder = openFolder()
  folder.write('antiphon.yaml', 'providers: { a: { type: openai-compatible, baseURL: "https://lab.example/v1" } }')
  const runtime = await folder.open()
  await runtime.runs.start({ ...inputs({ kind: 'ship' }), id: 'of-ann', owner: 'ann' })
  await runtime.runs.start({ ...inputs({ kind: 'ship' }), id: 'r', owner: 'bob' })
  await until(async () => (await runtime.inbox.list({ run: 'r' })).length > 0)
  await runtime.budgets.set('owner/bob', 100)
  await runtime.pipelines.put('up', { text: TEXT }, { owner: 'bob' })
  const { token } = await runtime.access.links.create({
    run: 'r',
    signal: 'gate',
    kind: 'webhook',
    ttl: 60_000,
    owner: 'bob',
  })
  const identify = () => ({ owner: 'bob', scopes: ['read', 'run', 'approve', 'ask'], local: false }) as const
  return { app: createApp(runtime, { identify }), token }
}

it('a code that is answered is declared of its route, with its status', async () => {
  const { app, token } = await openAsked()
  const told = JSON.parse(JSON.stringify(openApi(ROUTES))).paths
  const asked: readonly (readonly [path: string, params: object, body: object, code: string])[] = [
    ['/runs', {}, inputs({}), 'input_required'],
    ['/runs', {}, inputs({ kind: 'ship', more: 1 }), 'input_unknown'],
    ['/runs', {}, inputs({ kind: 'ship', count: 'many' }), 'input_type'],
    ['/runs', {}, inputs({ kind: 'boat' }), 'input_choice'],
    ['/runs', {}, { ...inputs({ kind: 'ship' }), id: 'of-ann' }, 'id_taken'],
    ['/runs', {}, { pipeline: 'none' }, 'not_found'],
    ['/runs/{run}/fork', { run: 'r' }, { set: { kind: 'boat' } }, 'input_choice'],
    ['/runs/{run}/fork', { run: 'r' }, { id: 'of-ann' }, 'id_taken'],
    ['/runs/{run}/replay', { run: 'r' }, { id: 'of-ann' }, 'id_taken'],
    ['/pipelines/{name}/runs', { name: 'up' }, {}, 'input_required'],
    ['/runs/{run}/signal', { run: 'r' }, { name: 'gate', value: 7 }, 'bad_value'],
    ['/runs/{run}/approve', { run: 'r' }, { action: 'modify' }, 'bad_value'],
    ['/links/{link}', { link: token }, { action: 'perhaps' }, 'bad_value'],
    ['/threads/{thread}/asks', { thread: 't' }, { prompt: 'x', models: { default: 'a/b' } }, 'no_price'],
    ['/threads/{thread}/asks', { thread: 't' }, { prompt: 'x', models: { default: 'offline/b' } }, 'no_eligible_model'],
    ['/threads/{thread}/asks', { thread: 't' }, { prompt: 'x', models: { default: 'b/b' } }, 'no_eligible_model'],
    ['/threads/{thread}/asks', { thread: 't' }, { prompt: 'x', domain: 'medical' }, 'unknown_domain'],
    ['/threads/{thread}/asks', { thread: 't' }, { prompt: 'When does it leave?' }, 'refused'],
  ]
  for (const [path, params, body, code] of asked) {
    const target = Object.entries(params).reduce((text, [name, value]) => text.replace(`{${name}}`, value), path)
    const response = await app.request(`/v1${target}`, post(JSON.stringify(body)))
    expect([path, await response.json()]).toMatchObject([path, { code }])
    expect(told[path].post.responses[response.status]?.description, `${path} ${code}`).toContain(`\`${code}\``)
  }
})

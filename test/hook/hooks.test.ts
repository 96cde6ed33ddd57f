import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, it, onTestFinished, test, vi } from 'vitest'
import { z } from 'zod'
import { type StartOptions, start } from '../../src/http/program/start.ts'
import { defineAgent, defineWorkflow } from '../../src/index.ts'
import { until } from '../../src/testing/index.ts'
import { scriptedModel } from '../../src/testing/scripted-model.ts'
import { makeFolder } from '../http/program/folder.ts'
import { githubDelivery, SECRETS, type Signed, standardDelivery, stripeDelivery } from './senders.ts'

const ORDER = `name: order
inputs: { event: { type: object, required: true } }
steps: [{ id: say, action: "echo {{ inputs.event.data.id }}" }]
outputs: { said: "{{ say.result }}" }
`
const PAID = '{"id":"evt_1","type":"invoice.paid","data":{"id":"o7","customer":"ann"}}'
const JSON_TYPE = { 'content-type': 'application/json' }
const standard = { verify: 'standard', secret: 'secret://standard', file: 'order.yaml' } as const
const github = { verify: 'github', secret: 'secret://github', file: 'order.yaml' } as const

/** A program with hooks. Another server mounts its API for visitors, and knows none of them. */
async function openShop(hooks: NonNullable<StartOptions['hooks']>, yaml = '{}\n', more: StartOptions = {}) {
  for (const [name, value] of Object.entries(SECRETS)) vi.stubEnv(`ANTIPHON_SECRET_${name.toUpperCase()}`, value)
  onTestFinished(() => void vi.unstubAllEnvs())
  const folder = await makeFolder()
  await writeFile(join(folder, 'order.yaml'), ORDER)
  await writeFile(join(folder, 'antiphon.yaml'), yaml)
  const app = await start({ folder, hooks, notice: () => {}, ...more })
  onTestFinished(() => app.stop({ grace: 0 }))
  const handle = app.handler({ owner: () => null })
  async function post(name: string, { body, headers }: Signed, more: object = JSON_TYPE) {
    const request = { method: 'POST', body, headers: { ...headers, ...more } }
    const response = await handle(new Request(`http://shop/v1/hooks/${name}`, request))
    const { code, status, id } = (await response.json()) as { code?: string; status?: unknown; id?: string }
    return code === undefined ? { http: response.status, status, id } : { http: response.status, code }
  }
  const ended = async (run: string) => {
    await until(async () => (await app.runs.get(run)).completed_at !== null)
    return app.runs.get(run)
  }
  return { app, post, ended, folder }
}

const now = () => Date.now()

test('a signed delivery starts one run of the owner of the hook, however often it comes', async () => {
  const { app, post, ended } = await openShop({ orders: { ...standard, owner: 'shop' } })
  const first = await post('orders', standardDelivery(PAID, 'msg_1', now()))
  expect(first).toEqual({ http: 202, status: 'started', id: expect.stringMatching(/^orders-[0-9a-f]{32}$/) })
  expect(await ended(first.id!)).toMatchObject({ status: 'completed', outputs: { said: 'o7' } })
  expect(await post('orders', standardDelivery(PAID, 'msg_1', now()))).toEqual({ ...first, status: 'repeated' })
  const both = standardDelivery(PAID, 'msg_2', now())
  const twins = await Promise.all([post('orders', both), post('orders', both)])
  expect(new Set(twins.map(({ id }) => id)).size).toBe(1)
  expect(await app.runs.list()).toMatchObject([{ owner: 'shop' }, { owner: 'shop' }])
})

test('a delivery starts a workflow of the program, whose schema checks it', async () => {
  const order = defineWorkflow({
    name: 'order',
    input: z.object({ event: z.object({ data: z.object({ id: z.string() }) }), shop: z.string() }),
    run: async (ctx, { event, shop }) => ctx.step('say', () => `${shop} ${event.data.id}`),
  })
  const { file: _, ...signed } = standard
  const hook = { ...signed, workflow: 'order', inputs: { shop: 'north' } }
  const { app, post, ended } = await openShop({ orders: hook }, '{}\n', { workflows: [order] })
  const { id } = await post('orders', standardDelivery(PAID, 'msg_1', now()))
  expect(await ended(id!)).toMatchObject({ status: 'completed', outputs: { result: 'north o7' } })
  expect(await post('orders', standardDelivery('{"data":{}}', 'msg_2', now()))).toMatchObject({ http: 400 })
  expect(await app.hooks.list()).toMatchObject([{ work: 'run order' }])
  await expect(openShop({ orders: { ...hook, workflow: 'ordr' } }, '{}\n', { workflows: [order] })).rejects.toThrow(
    'hooks.orders: This program has no workflow ordr.',
  )
})

test('a delivery is refused before anything starts', async () => {
  const { app, post } = await openShop({ orders: standard })
  const good = standardDelivery(PAID, 'msg_1', now())
  const forged = standardDelivery(PAID, 'msg_1', now(), `whsec_${Buffer.alloc(24, 1).toString('base64')}`)
  const refused: readonly (readonly [string, Signed, object, object])[] = [
    ['none', good, JSON_TYPE, { http: 404, code: 'not_found' }],
    ['orders', forged, JSON_TYPE, { http: 401, code: 'hook_signature' }],
    ['orders', { body: PAID, headers: {} }, JSON_TYPE, { http: 401, code: 'hook_signature' }],
    ['orders', { ...good, body: `${PAID} ` }, JSON_TYPE, { http: 401, code: 'hook_signature' }],
    ['orders', standardDelivery(PAID, 'msg_1', now() - 400_000), JSON_TYPE, { http: 401, code: 'hook_time' }],
    ['orders', standardDelivery(PAID, 'msg_1', now() + 400_000), JSON_TYPE, { http: 401, code: 'hook_time' }],
    ['orders', standardDelivery('no json', 'msg_1', now()), JSON_TYPE, { http: 400, code: 'invalid_input' }],
    ['orders', standardDelivery('[]', 'msg_1', now()), JSON_TYPE, { http: 400, code: 'input_type' }],
    ['orders', good, { 'content-type': 'text/plain' }, { http: 415, code: 'unsupported_type' }],
    ['orders', good, { ...JSON_TYPE, 'content-encoding': 'gzip' }, { http: 415, code: 'unsupported_type' }],
    [
      'orders',
      standardDelivery(`"${'x'.repeat(2 ** 20)}"`, 'msg_1', now()),
      JSON_TYPE,
      { http: 413, code: 'too_large' },
    ],
  ]
  for (const [name, delivery, headers, answer] of refused) expect(await post(name, delivery, headers)).toEqual(answer)
  expect(await app.runs.list()).toEqual([])
  expect(await post('orders', good)).toMatchObject({ status: 'started' })
})

test('a body of GitHub counts once, whatever its other headers say, and other events are ignored', async () => {
  const { app, post } = await openShop({ pushes: { ...github, events: ['push'] }, all: github })
  const push = await githubDelivery('{"data":{"id":"main"}}')
  const other = await githubDelivery(push.body, 'release', { 'x-github-delivery': 'another' })
  for (const hook of ['pushes', 'all']) {
    const first = await post(hook, push)
    expect(first).toMatchObject({ http: 202, status: 'started' })
    const again = { ...push, headers: { ...push.headers, 'x-github-delivery': 'another' } }
    expect(await post(hook, again)).toMatchObject({ status: 'repeated', id: first.id })
    // nothing signs the event: it makes another delivery only where the hook lists it
    expect((await post(hook, other)).status).toBe(hook === 'pushes' ? 'ignored' : 'repeated')
    expect(await post(hook, await githubDelivery('{"zen":1}', 'ping'))).toMatchObject({ http: 202, status: 'ignored' })
  }
  expect(await app.runs.list()).toHaveLength(2)
})

test('two listed events of GitHub with one body are two deliveries, and the work gets the event', async () => {
  const got: unknown[] = []
  const input = z.strictObject({ event: z.object({ action: z.string() }) })
  const workflows = [
    defineWorkflow({ name: 'open', input: z.looseObject({}), run: async (_, given) => void got.push(given) }),
    defineWorkflow({ name: 'strict', input, run: async (_, given) => void got.push(given) }),
  ]
  const routed = 'name: routed\ninputs: { hook: { type: object, required: true }, event: { type: object } }\n'
  const step = 'steps: [{ id: say, action: "echo {{ inputs.hook.event }}" }]\noutputs: { said: "{{ say.result }}" }\n'
  const events = ['issues', 'issue_comment', 'ping']
  const { file: _, ...signed } = { ...github, events }
  const folder = await makeFolder()
  await writeFile(join(folder, 'routed.yaml'), routed + step)
  const hooks = {
    open: { ...signed, workflow: 'open' },
    strict: { ...signed, workflow: 'strict' },
    routed: { ...signed, file: join(folder, 'routed.yaml') },
  }
  const { app, post, ended } = await openShop(hooks, '{}\n', { workflows })
  const body = '{"action":"created"}'
  for (const name of Object.keys(hooks)) {
    const issue = await post(name, await githubDelivery(body, 'issues', { 'x-github-delivery': 'd-1' }))
    const comment = await post(name, await githubDelivery(body, 'issue_comment', { 'x-github-delivery': 'd-2' }))
    expect([issue.status, comment.status, issue.id === comment.id]).toEqual(['started', 'started', false])
    const [first, second] = [await ended(issue.id!), await ended(comment.id!)]
    if (name === 'routed')
      expect([first.outputs, second.outputs]).toEqual([{ said: 'issues' }, { said: 'issue_comment' }])
    expect(await post(name, await githubDelivery(body, 'issues'))).toMatchObject({ status: 'repeated', id: issue.id })
    expect(await post(name, await githubDelivery(body, 'ping'))).toMatchObject({ status: 'ignored' })
  }
  const event = { action: 'created' }
  expect(got).toEqual([
    { event, hook: { event: 'issues', delivery: 'd-1' } },
    { event, hook: { event: 'issue_comment', delivery: 'd-2' } },
    { event },
    { event },
  ])
  expect(await app.runs.list()).toHaveLength(6)
})

test('a delivery that is signed by the old and by the new secret is one run', async () => {
  const secrets = ['secret://old', 'secret://standard']
  const { app, post } = await openShop({ orders: { ...standard, secret: secrets } })
  const old = `whsec_${Buffer.from('an old secret, 24 bytes.').toString('base64')}`
  vi.stubEnv('ANTIPHON_SECRET_OLD', old)
  const twins = [standardDelivery(PAID, 'msg_1', now()), standardDelivery(PAID, 'msg_1', now(), old)]
  const answers = await Promise.all(twins.map((twin) => post('orders', twin)))
  expect(answers).toMatchObject([{ http: 202 }, { http: 202 }])
  expect(answers[0]!.id).toBe(answers[1]!.id)
  expect(await app.runs.list()).toHaveLength(1)
})

test('a delivery signals the run that it names, of the owner of the hook alone', async () => {
  const { app, post, ended } = await openShop({
    paid: { verify: 'stripe', secret: 'secret://stripe', signal: { run: 'order-{data.id}', name: 'paid' } },
  })
  const text = 'name: gate\nsteps: [{ id: wait, tool: wait-for-signal, parameters: { signal: paid } }]\n'
  const stripe = (id: string, order: string) =>
    stripeDelivery(JSON.stringify({ id, type: 'invoice.paid', data: { id: order } }), now())
  await app.runtime!.runs.start({ source: { text }, id: 'order-o7' })
  await app.runtime!.runs.start({ source: { text }, id: 'order-o8', owner: 'ann' })
  expect(await post('paid', stripe('evt_1', 'o7'))).toEqual({ http: 202, status: 'signalled', id: 'order-o7' })
  expect(await ended('order-o7')).toMatchObject({ status: 'completed' })
  expect(await post('paid', stripe('evt_1', 'o7'))).toEqual({ http: 202, status: 'repeated', id: 'order-o7' })
  expect(await post('paid', stripe('evt_2', 'o8'))).toEqual({ http: 404, code: 'not_found' })
  expect(await post('paid', stripe('evt_3', 'none'))).toEqual({ http: 404, code: 'not_found' })
  expect(await post('paid', stripeDelivery('{"id":"evt_4"}', now()))).toEqual({ http: 400, code: 'hook_field' })
})

test('an agent gets the delivery as data behind its goal', async () => {
  const model = scriptedModel([{ reply: 'Sorted.' }], 'lab/one')
  const agents = [defineAgent({ name: 'clerk', instructions: 'You sort.', model: 'lab/one' })]
  const { file: _, ...signed } = standard
  const mail = { ...signed, agent: 'clerk', goal: 'Sort this order.', owner: 'shop' }
  const more = { agents, models: { 'lab/one': model }, prices: { 'lab/one': { input: 1, output: 1 } } }
  const later = { ...mail, delay: '1h', queue: { key: 'customer-{data.customer}' } }
  const { app, post } = await openShop({ mail, later }, undefined, more)
  const { id, status } = await post('mail', standardDelivery(PAID, 'msg_1', now()))
  expect(status).toBe('started')
  const goal = await app.goals.get(id!)
  expect(goal).toMatchObject({ agent: 'clerk', owner: 'shop' })
  expect(goal.goal).toContain('Sort this order.\n\nThe delivery, which is data from outside')
  expect(goal.goal).toContain('"customer": "ann"')
  const delayed = await post('later', standardDelivery(PAID, 'msg_2', now()))
  expect(await app.goals.get(delayed.id!)).toMatchObject({ status: 'waiting', wait: { type: 'start' } })
})

test('runs of one key of the delivery wait for each other', async () => {
  const { app, post } = await openShop({
    orders: { ...standard, queue: { key: 'customer-{data.customer}' }, delay: '1h' },
  })
  const { id } = await post('orders', standardDelivery(PAID, 'msg_1', now()))
  expect(await app.runs.get(id!)).toMatchObject({ status: 'waiting', starts_at: expect.any(String) })
})

test('a delivery that would join work of another delivery is refused, and told as no repetition', async () => {
  const order = defineWorkflow({
    name: 'order',
    input: z.object({ event: z.object({ id: z.string() }) }),
    run: async (ctx) => ctx.signal('go'),
  })
  const { file: _, ...signed } = standard
  const queue = { key: 'customer-{data.customer}', onConflict: 'join' } as const
  const { app, post } = await openShop({ orders: { ...signed, workflow: 'order', queue } }, undefined, {
    workflows: [order],
  })
  const first = await post('orders', standardDelivery(PAID, 'msg_1', now()))
  expect(first).toMatchObject({ http: 202, status: 'started' })
  expect(await post('orders', standardDelivery(PAID, 'msg_2', now()))).toEqual(first)
  const other = standardDelivery(PAID.replace('evt_1', 'evt_2'), 'msg_3', now())
  expect(await post('orders', other)).toEqual({ http: 409, code: 'id_taken' })
  await app.runs.signal(first.id!, 'go', null)
  await until(async () => (await post('orders', other)).status === 'started')
})

test('the list shows each hook and a secret that is missing, and no delivery passes without it', async () => {
  const { app, post } = await openShop({ orders: standard, bare: { ...standard, secret: 'secret://gone' } })
  expect(await app.hooks.list()).toMatchObject([
    { name: 'orders', path: '/v1/hooks/orders', work: 'run order.yaml', owner: 'local' },
    { name: 'bare', problem: 'its secret is missing: antiphon keys set gone' },
  ])
  expect(await post('bare', standardDelivery(PAID, 'msg_1', now()))).toEqual({ http: 503, code: 'hook_secret' })
})

it.each([
  [{ orders: { ...standard, file: 'none.yaml' } }, /hooks\.orders: .*none\.yaml/],
  [{ orders: { ...standard, input: 'body' } }, /hooks\.orders: .*event/],
  [{ orders: { ...standard, secret: 'whsec_plain' } }, /not the secret itself/],
  [{ orders: { ...standard, agent: 'clerk' } }, /expected exactly one of/],
  [{ orders: { ...standard, file: undefined, signal: { run: 'a', name: 'b' }, delay: '1h' } }, /not with a signal/],
  [{ orders: { ...standard, verify: 'none' } }, /expected one of standard, stripe, github/],
  [{ 'a b': standard }, /expected letters, digits/],
] as const)('%j is refused at the start, with its place', async (hooks, message) => {
  await expect(openShop(hooks as never)).rejects.toThrow(message)
})

test('hooks of antiphon.yaml come before those of the program', async () => {
  const yaml = 'hooks: { orders: { verify: github, secret: "secret://github", file: order.yaml, owner: shop } }\n'
  const { app } = await openShop({ orders: standard, other: standard }, yaml)
  const hooks = await app.hooks.list()
  expect(hooks.map(({ name, verify, owner }) => [name, verify, owner])).toEqual([
    ['orders', 'github', 'shop'],
    ['other', 'standard', 'local'],
  ])
})

test('the erasure of an owner removes its deliveries', async () => {
  const { app, post, ended } = await openShop({ orders: { ...standard, owner: 'shop' } })
  const { id } = await post('orders', standardDelivery(PAID, 'msg_1', now()))
  await ended(id!)
  expect((await app.erasures.forget('shop')).removed).toMatchObject({ runs: 1, deliveries: 1 })
})

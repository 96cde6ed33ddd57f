import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, it, onTestFinished, vi } from 'vitest'
import { type App, defineAgent, start } from '../../../src/index.ts'
import { scriptedModel } from '../../../src/testing/scripted-model.ts'
import { until } from '../../../src/testing/until.ts'

const MODEL = 'openai/gpt-5-mini'
const AGENT = defineAgent({ name: 'support', instructions: 'You help.', model: MODEL })
const PRICES = { [MODEL]: { input: 0.25, output: 2 } }

beforeEach(() => vi.stubEnv('OPENAI_API_KEY', undefined))
afterEach(() => void vi.unstubAllEnvs())

async function makeFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'antiphon-no-key-'))
  onTestFinished(() => rm(folder, { recursive: true, force: true, maxRetries: 5 }))
  return folder
}

async function open(folder: string, more: Parameters<typeof start>[0] = {}) {
  const notices: string[] = []
  const app = await start({ folder, agents: [AGENT], notice: (line) => notices.push(line), ...more })
  onTestFinished(() => app.stop())
  return { app, notices }
}

/** The model as a program gives it that has the key. */
const answering = () => ({ models: { [MODEL]: scriptedModel([{ reply: 'Hello.' }], MODEL) }, prices: PRICES })

const goalWaits = (app: App, goal: string) => until(async () => (await app.goals.get(goal)).status === 'waiting')

it('a message waits for a missing key, says which, and is answered by the next process that has it', async () => {
  const folder = await makeFolder()
  const { app, notices } = await open(folder, { prices: PRICES })
  expect(notices).toEqual([expect.stringContaining('needs a key: its goals and messages wait. Set OPENAI_API_KEY')])
  const { conversation, id } = await app.conversation(AGENT, 'c').post('Hi.', { id: 'mail-1' })
  const goal = `${conversation}.m1`
  await goalWaits(app, goal)
  expect(await app.goals.get(goal)).toMatchObject({
    wait: { type: 'model', code: 'model_unauthorized', title: expect.stringContaining('OPENAI_API_KEY') },
  })
  expect((await app.runtime!.inspector.why(`agent/${goal}`)).holds).toMatchObject([
    { type: 'goal', title: expect.stringContaining('OPENAI_API_KEY') },
  ])
  expect(await app.conversation(AGENT, 'c').get(id)).toMatchObject({ status: 'waiting', for: 'person' })
  await app.stop()
  const { app: next } = await open(folder, answering())
  expect(await next.conversation(AGENT, 'c').send('Hi.', { id: 'mail-1' })).toMatchObject({ answer: 'Hello.' })
})

it('a message waits for the price of its model, and for a model that can choose tools', async () => {
  const folder = await makeFolder()
  const own = { 'lab/one': scriptedModel([{ reply: 'Hello.', times: 9 }], 'lab/one') }
  const priceless = defineAgent({ name: 'priceless', instructions: 'You help.', model: 'lab/one' })
  const nameless = defineAgent({ name: 'nameless', instructions: 'You help.' })
  const agents = [priceless, nameless]
  const { app } = await open(folder, { agents, models: own })
  await app.conversation(priceless, 'p').post('Hi.', { id: 'a' })
  await app.conversation(nameless, 'n').post('Hi.', { id: 'a' })
  for (const [goal, code] of [
    ['p.m1', 'no_price'],
    ['n.m1', 'no_agent_model'],
  ] as const) {
    await goalWaits(app, goal)
    expect(await app.goals.get(goal)).toMatchObject({ wait: { type: 'model', code } })
  }
  await app.stop()
  vi.stubEnv('ANTIPHON_MODEL', 'lab/one')
  const { app: next } = await open(folder, { agents, models: own, prices: { 'lab/one': { input: 1, output: 1 } } })
  for (const [agent, id] of [
    [priceless, 'p'],
    [nameless, 'n'],
  ] as const)
    expect(await next.conversation(agent, id).send('Hi.', { id: 'a' })).toMatchObject({ answer: 'Hello.' })
})

it('a goal that began with a key does not end without it', async () => {
  const folder = await makeFolder()
  const broken = {
    [MODEL]: scriptedModel([{ error: { statusCode: 401, message: 'Incorrect API key provided' } }], MODEL),
  }
  const { app } = await open(folder, { models: broken, prices: PRICES })
  const { id } = await app.goals.start({ agent: AGENT.name, goal: 'Go.', id: 'g' })
  await goalWaits(app, id)
  await app.stop()
  const { app: second } = await open(folder, { prices: PRICES })
  await until(async () => (await second.goals.get(id)).wait?.title.includes('OPENAI_API_KEY') === true)
  await second.stop()
  const { app: third } = await open(folder, answering())
  await until(async () => (await third.goals.get(id)).status === 'completed')
})

it.each([
  ['opnai/gpt-5-mini', 'Did you mean openai?'],
  ['mistral/large', 'Providers: offline, '],
  ['sonnet', 'Without `model`'],
])('start refuses the model %s: %s', async (model, hint) => {
  const agent = defineAgent({ name: 'support', instructions: 'You help.', model })
  await expect(open(await makeFolder(), { agents: [agent] })).rejects.toMatchObject({
    code: 'invalid_agent',
    message: expect.stringContaining(`there is no model ${model}`),
    hint: expect.stringContaining(hint),
  })
})

it('a list of models takes the first one that can be asked', async () => {
  const agent = defineAgent({ name: 'support', instructions: 'You help.', model: ['opnai/x', MODEL, 'lab/one'] })
  const own = { 'lab/one': scriptedModel([{ reply: 'Hello.' }], 'lab/one') }
  const { app, notices } = await open(await makeFolder(), {
    agents: [agent],
    models: own,
    prices: { 'lab/one': { input: 1, output: 1 }, ...PRICES },
  })
  expect(await app.conversation(agent, 'c').send('Hi.')).toMatchObject({ answer: 'Hello.' })
  expect(notices).toEqual([])
})

import { expect, test } from 'vitest'
import { useMock } from '../model/mock.ts'
import { openFolder } from './inspect/folder.ts'

const server = useMock({
  teach: (mock) => {
    mock.onMessage(/which/i, { content: '{"answer": ["ebb", "flow"]}' })
    mock.onMessage(/.*/, { content: 'said' })
  },
})
const calls = () => server.mock.getRequests().length

/** A folder with a pipeline of these steps, and who runs it: how often the provider was asked for it, and how it ended. */
async function openTagged(steps: string) {
  const folder = openFolder()
  folder.write(
    'antiphon.yaml',
    `model: lab/one\nproviders: { lab: { type: openai-compatible, baseURL: '${server.url}/v1' } }\n`,
  )
  folder.write('p.yaml', `name: p\ninputs: { topic: { type: string, default: tides } }\nsteps:\n${steps}\n`)
  const runtime = await folder.open()
  async function run(inputs: { readonly [name: string]: string } = {}) {
    const before = calls()
    const { id } = await runtime.runs.start({ file: folder.path('p.yaml'), inputs })
    await runtime.idle()
    return { asked: calls() - before, ...(await runtime.runs.get(id)) }
  }
  return { runtime, run }
}

const ask = (id: string, tags: string, more = '', prompt = `Say ${id}.`) =>
  `  - { id: ${id}, action: generate, parameters: { prompt: "${prompt}" }, cache: { ttl: 60, tags: [${tags}] }${more} }`

test('the cached result of a step is dropped by its rendered tags', async () => {
  const { runtime, run } = await openTagged(
    [ask('a', 'report, "topic {{ topic }}"'), ask('b', '"{{ a.result }} {{ a.model_used }}"')].join('\n'),
  )
  expect([(await run()).asked, (await run()).asked, (await run({ topic: 'winds' })).asked]).toEqual([2, 0, 1])
  expect(await runtime.maintenance.cache.drop({ tag: 'topic winds' })).toMatchObject({
    tag: 'topic winds',
    removed: [{ entries: 1 }, {}],
  })
  expect([(await run()).asked, (await run({ topic: 'winds' })).asked]).toEqual([0, 1])
  await runtime.maintenance.cache.drop({ tag: 'report' })
  expect([(await run()).asked, (await run({ topic: 'winds' })).asked]).toEqual([1, 1])
  const { removed } = await runtime.maintenance.cache.drop({ tag: 'said lab/one' })
  expect(removed[0]).toEqual({ name: 'memory', entries: 1 })
  const { asked, steps } = await run()
  expect([asked, steps.a?.models?.[0]?.cached, steps.b?.models?.[0]?.cached]).toEqual([1, true, undefined])
})

test('the tags of a loop that is its own body are those of each iteration, and what it asks itself is not kept', async () => {
  const { runtime, run } = await openTagged(
    ask('a', '"{{ item }}"', ', foreach: "<AUTO>Which?</AUTO>"', 'Say {{ item }}.'),
  )
  expect([(await run()).asked, (await run()).asked]).toEqual([3, 1])
  await runtime.maintenance.cache.drop({ tag: 'ebb' })
  expect([(await run()).asked, (await run()).asked]).toEqual([2, 1])
})

test('a loop around other steps keeps what it asks itself with its tags', async () => {
  const body = 'for_each: "<AUTO>Which?</AUTO>", steps: [{ id: b, tool: debug, parameters: { message: x } }]'
  const { runtime, run } = await openTagged(`  - { id: a, ${body}, cache: { tags: ["list of {{ topic }}"] } }`)
  expect([(await run()).asked, (await run()).asked]).toEqual([1, 0])
  await runtime.maintenance.cache.drop({ tag: 'list of tides' })
  expect((await run()).asked).toBe(1)
})

test.each([
  ['"{{ topic }}"', { topic: '' }, 'cache.tags[0]: expected a text'],
  ['x, "{{ topic }}"', { topic: 'x'.repeat(201) }, 'cache.tags[1]: expected a text'],
  ['"{{ [topic] }}"', {}, 'cache.tags[0]: expected a text'],
])('a tag that comes to none fails the step before anybody is asked: %s', async (tags, inputs, message) => {
  const { run } = await openTagged(ask('a', tags))
  const { asked, steps } = await run(inputs)
  expect([asked, steps.a]).toMatchObject([
    0,
    { status: 'failed', error_code: 'bad_value', error: expect.stringContaining(message) },
  ])
})

import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { payingModels } from '../../../src/budget/room/charging/metered.ts'
import { createModels } from '../../../src/model/registry.ts'

/** The usage that the server reports, as JSON; undefined: it sends none. */
let usage: string | undefined
/** Whether its reply has no choices, so that nobody can read it. */
let unreadable = false

const server = createServer(async (request, response) => {
  let body = ''
  for await (const chunk of request) body += chunk
  const counted = usage === undefined ? '' : `,"usage":${usage}`
  if (request.url!.endsWith('/embeddings'))
    return void response.end(`{"data":[{"index":0,"embedding":[1,0]}]${counted}}`)
  if (request.url!.endsWith('/transcriptions')) return void response.end(`{"text":"tide","duration":${usage}}`)
  const about = '"id":"1","created":1,"model":"m"'
  if (unreadable) return void response.end(`{${about},"choices":"The tide comes at six."}`)
  if (!body.includes('"stream":true'))
    return void response.end(
      `{${about},"choices":[{"index":0,"message":{"role":"assistant","content":"The tide comes at six."},"finish_reason":"stop"}]${counted}}`,
    )
  response.setHeader('content-type', 'text/event-stream')
  const part = (delta: string, end: string) =>
    `data: {${about},"choices":[{"index":0,"delta":${delta},"finish_reason":${end}}]}\n\n`
  response.write(part('{"role":"assistant","content":"The tide "}', 'null'))
  response.write(part('{"content":"comes at six."}', '"stop"'))
  if (counted) response.write(`data: {${about},"choices":[]${counted}}\n\n`)
  response.end('data: [DONE]\n\n')
})

beforeAll(() => new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve)))
afterAll(() => void server.close())

const payer = { id: 'c1', by: 'goal/g', of: ['goal/g'] }
const audio = { mediaType: 'audio/mpeg', data: Buffer.alloc(60_000).toString('base64') }
const request = { task: { kind: 'write' }, documents: [], instruction: 'When is the tide?', maxTokens: 1000 } as const

/** Models of that server on a budget, and what is reserved and charged, in dollars. */
function open() {
  const charged: number[] = []
  const config = {
    model: 'lab/one',
    embedder: 'none',
    providers: {
      lab: { type: 'openai-compatible', baseURL: `http://127.0.0.1:${(server.address() as AddressInfo).port}` },
    },
    models: [{ id: 'lab/one', cost: { input: 1000, output: 1000, minute: 1 }, context: 100_000 }],
  }
  const models = payingModels(createModels(config, {}), {
    budgetsOf: async ({ of }) => of.map((scope) => ({ scope, owner: 'local' })),
    reserve: async (_payer, _budgets, amount) => void charged.push(amount / 1_000_000),
    settle: async (_payer, _budgets, spent) => void charged.push(spent / 1_000_000),
  })
  return { charged, models }
}

const counts = (input: string, output: string) => `{"prompt_tokens":${input},"completion_tokens":${output}}`
const REPLY_TOKENS = 11
const { signal } = new AbortController()

it.each([
  ['absent', undefined],
  ['null', 'null'],
  ['empty', '{}'],
  ['zero', counts('0', '0')],
  ['negative', counts('-1000000', '-1000000')],
  ['null numbers', counts('null', 'null')],
  ['larger than the window', counts('1e15', '1e15')],
])('usage that is %s counts its estimate, whole and streamed', async (_, told) => {
  usage = told
  for (const options of [{}, { onDelta: () => {} }]) {
    const { charged, models } = open()
    const reply = await models.generate(request, { signal, payer, ...options })
    expect(reply).toMatchObject({ text: 'The tide comes at six.', usage: { output: REPLY_TOKENS, estimated: true } })
    const [reserved = 0, spent = 0] = charged
    // all that may be sent is reserved; all of it is charged, but only the reply that came
    expect(spent).toBeCloseTo(reserved - (1000 - REPLY_TOKENS) / 1000, 6)
    expect(reply.cost).toBeCloseTo(spent, 5)
  }
})

it('usage that is reported is charged as it is', async () => {
  usage = counts('12', '3')
  const { charged, models } = open()
  expect((await models.generate(request, { signal, payer })).usage).toEqual({ input: 12, output: 3 })
  expect(charged[1]).toBe(0.015)
})

it.each([
  ['has no choices', undefined, true],
  ['counts in words', counts('"twelve"', '"3"'), false],
])('a reply that cannot be read, because it %s, counts its estimate', async (_, told, isUnreadable) => {
  usage = told
  unreadable = isUnreadable
  const { charged, models } = open()
  await models.generate(request, { signal, payer }).catch(() => {})
  unreadable = false
  expect(charged[1]).toBeGreaterThan(REPLY_TOKENS / 1000)
  expect(charged[1]).toBeLessThan(charged[0]!)
})

it.each([undefined, 'null', '{"prompt_tokens":0}', '{"prompt_tokens":-50}', '{"prompt_tokens":1e15}'])(
  'vectors whose usage is %s count their estimate',
  async (told) => {
    usage = told
    const { charged, models } = open()
    const { cost } = await models.embed({ model: 'lab/one', texts: ['When is the tide?'] }, { signal, payer })
    expect(cost).toBeCloseTo(0.009, 9)
    expect(charged).toEqual([0.009, 0.009])
  },
)

it.each(['null', '0', '-60', '1e9', '"long"'])('a recording of %s seconds counts its longest', async (told) => {
  usage = told
  const { charged, models } = open()
  await models.transcribe({ model: 'lab/one', audio }, { signal, payer }).catch(() => {})
  expect(charged).toEqual([1, 1])
})

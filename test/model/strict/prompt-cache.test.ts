import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { expect, it, onTestFinished, vi } from 'vitest'
import { createModels } from '../../../src/model/registry.ts'
import type { ModelRequest, ToolRound } from '../../../src/model/request/request.ts'
import { type Counted, createPromptCache } from './prompt-cache.ts'
import { wrote } from './server.ts'

const { signal } = new AbortController()
const tools = [{ name: 'look', description: 'Looks. '.repeat(50), schema: { type: 'object', properties: {} } }]
const request = (more: Partial<ModelRequest> = {}): ModelRequest => ({
  task: { kind: 'write' },
  documents: [],
  instruction: 'Go on.',
  system: 'Be exact. '.repeat(400),
  ...more,
})
const round = (name: string, calls: number): ToolRound => {
  const ids = Array.from({ length: calls }, (_, at) => `${name}-${at}`)
  return {
    said: ids.map((toolCallId) => ({ type: 'tool-call', toolCallId, toolName: 'look', input: { at: toolCallId } })),
    results: ids.map((id) => ({ id, name: 'look', output: `${id}: ${'seen '.repeat(20)}` })),
  }
}
const COST = { input: 1, output: 10 }

/** A model of Anthropic's protocol whose server has a cache, and reports what it counts. */
async function open() {
  const cache = createPromptCache()
  const counted: Counted[] = []
  const bodies: { [key: string]: unknown }[] = []
  const server = createServer(async (request, response) => {
    let body = ''
    for await (const chunk of request) body += chunk
    const { plain, read, written } = cache.count(body)
    counted.push({ plain, read, written })
    bodies.push(JSON.parse(body))
    const usage = { input_tokens: plain, cache_read_input_tokens: read, cache_creation_input_tokens: written }
    response.setHeader('content-type', 'application/json')
    response.end(JSON.stringify({ ...wrote([{ type: 'text', text: 'done' }]), usage: { ...usage, output_tokens: 10 } }))
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  onTestFinished(() => {
    server.closeAllConnections()
    server.close()
  })
  const baseURL = `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1`
  const models = createModels(
    { providers: { lab: { type: 'anthropic', baseURL, keyEnv: 'LAB_KEY' } }, models: [{ id: 'lab/m', cost: COST }] },
    { LAB_KEY: 'k' },
  )
  const ask = (more: Partial<ModelRequest>) => models.generate(request({ model: 'lab/m', ...more }), { signal })
  return { ask, counted, bodies }
}

it.each([1, 25])('each request reads all that the one before sent, with %s calls in a round', async (calls) => {
  const { ask, counted } = await open()
  for (let rounds = 0; rounds < 8; rounds++)
    await ask({ tools, rounds: Array.from({ length: rounds }, (_, at) => round(`r${at}`, calls)) })
  for (const [at, { plain, read }] of counted.entries()) {
    const before = counted[at - 1]
    expect(read).toBe(before ? before.plain + before.read + before.written : 0)
    expect(plain).toBe(0)
  }
})

it('a beginning that only one request has is not written, and does not change the reads', async () => {
  const { ask, counted } = await open()
  for (let rounds = 0; rounds < 4; rounds++) {
    const past = Array.from({ length: rounds }, (_, at) => round(`r${at}`, 1))
    await ask({ tools, rounds: [...past, { now: [`state ${rounds}`.repeat(20)], said: [], results: [] }] })
  }
  for (const [at, { plain, read }] of counted.entries()) {
    expect(plain).toBeGreaterThan(0)
    if (at > 0) expect(read).toBe(counted[at - 1]!.read + counted[at - 1]!.written)
  }
})

it('the cost is that of the parts, and of an hour if it is asked for', async () => {
  const { ask, counted } = await open()
  const [first, second, hour] = [await ask({ tools }), await ask({ tools }), await ask({ tools, promptCache: '1h' })]
  const [{ written = 0 } = {}, { read = 0 } = {}] = counted
  expect(first.usage).toEqual({ input: written, output: 10, cacheWrite: written })
  expect(first.cost).toBeCloseTo((written * 1.25 + 100) / 1e6, 12)
  expect(second.usage).toEqual({ input: read, output: 10, cacheRead: read })
  expect(second.cost).toBeCloseTo((read * 0.1 + 100) / 1e6, 12)
  expect(hour.cost).toBeCloseTo((read * 0.1 + 100) / 1e6, 12)
})

it('a single call has no marks unless it asks for them', async () => {
  const { ask, bodies } = await open()
  await ask({})
  await ask({ tools, promptCache: 'off' })
  for (const body of bodies) expect(JSON.stringify(body)).not.toContain('cache_control')
  await ask({ promptCache: '1h' })
  expect(bodies[2]).toMatchObject({
    system: [{ cache_control: { type: 'ephemeral', ttl: '1h' } }],
    messages: [{ content: [{ cache_control: { type: 'ephemeral', ttl: '1h' } }] }],
  })
})

it.each<[string, boolean]>([
  ['anthropic/claude-opus-5', true],
  ['openai/gpt-6', false],
])('OpenRouter gets marks at the parts of a content for %s: %s', async (model, hasMarks) => {
  const bodies: { [key: string]: unknown }[] = []
  const usage = { prompt_tokens: 900, completion_tokens: 9, total_tokens: 909, cost: 0.0119 }
  const details = { prompt_tokens_details: { cached_tokens: 700, cache_write_tokens: 100 } }
  const message = { role: 'assistant', content: 'done' }
  vi.stubGlobal('fetch', async (_: unknown, { body }: { body: string }) => {
    bodies.push(JSON.parse(body))
    const choices = [{ index: 0, message, finish_reason: 'stop' }]
    return Response.json({ id: 'c', object: 'chat.completion', choices, usage: { ...usage, ...details } })
  })
  onTestFinished(() => void vi.unstubAllGlobals())
  const provider = { type: 'openai-compatible', baseURL: 'https://openrouter.ai/api/v1', keyEnv: 'LAB_KEY' }
  const known = [{ id: `router/${model}`, cost: COST }]
  const models = createModels({ providers: { router: provider }, models: known }, { LAB_KEY: 'k' })
  const rounds = [round('a', 2)]
  const reply = await models.generate(request({ model: `router/${model}`, tools, rounds }), { signal })
  expect(reply).toMatchObject({ usage: { input: 900, output: 9, cacheRead: 700, cacheWrite: 100 }, cost: 0.0119 })
  const mark = hasMarks ? { cache_control: { type: 'ephemeral' } } : {}
  const { messages } = bodies[0] as { messages: readonly object[] }
  const text = expect.any(String)
  const marked = (role: string) => ({ role, content: hasMarks ? [{ type: 'text', text, ...mark }] : text })
  expect(messages).toEqual([
    marked('system'),
    marked('user'),
    { role: 'assistant', content: null, tool_calls: [expect.anything(), expect.anything()] },
    { role: 'tool', tool_call_id: 'a-0', content: text },
    { ...marked('tool'), tool_call_id: 'a-1' },
  ])
  expect(JSON.stringify(bodies[0]).includes('cache_control')).toBe(hasMarks)
})

import { mkdtempSync, rmSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest'
import { loadConfig } from '../../src/config/config.ts'
import { createRuntime } from '../../src/runtime/open/create-runtime.ts'
import { until } from '../../src/testing/index.ts'
import { vectorOf } from './encoder.ts'

let isDown = false
const asked: string[][] = []
const server = createServer(async (request, response) => {
  let body = ''
  for await (const chunk of request) body += chunk
  const { input } = JSON.parse(body) as { readonly input: string[] }
  if (isDown) return void response.writeHead(503).end('{"error":{"message":"overloaded"}}')
  asked.push(input)
  const data = input.map((text, index) => ({ index, embedding: [...vectorOf(text)] }))
  response.end(JSON.stringify({ data, usage: { prompt_tokens: 1000 * input.length } }))
})

beforeAll(() => new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve)))
afterAll(() => void server.close())

async function open() {
  const folder = mkdtempSync(join(tmpdir(), 'memory-'))
  const baseURL = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  const runtime = await createRuntime({
    ...(await loadConfig({ folder, environment: {} })),
    embedder: 'lab/vectors',
    providers: { lab: { type: 'openai-compatible', baseURL } },
    models: [{ id: 'lab/vectors', cost: { input: 1, output: 0 } }],
  })
  onTestFinished(async () => {
    await runtime.stop({ grace: 0 })
    rmSync(folder, { recursive: true })
  })
  return runtime
}

test('a provider makes the vectors in the background, and the owner pays', async () => {
  const runtime = await open()
  await runtime.budgets.set('owner/ada', 1)
  await runtime.memory('ada').add([{ text: 'the kiln' }, { text: 'the invoice' }])
  const search = () => runtime.memory('ada').search({ text: 'oven' })
  await until(async () => (await search()).coverage === 1)
  expect((await search()).records[0]!.text).toBe('the kiln')
  expect(asked).toContainEqual(['the kiln', 'the invoice'])
  expect(asked.filter(([text]) => text === 'oven')).toHaveLength(1)
  const { calls, reserved, spent } = await runtime.budgets.get('owner/ada')
  expect([calls, reserved, spent > 0.002]).toEqual([2, 0, true])
  isDown = true
  await runtime.memory('ada').add([{ text: 'the kitten' }])
  const found = await runtime.memory('ada').search({ text: 'kitten' })
  expect([found.records[0]!.text, found.coverage]).toEqual(['the kitten', 2 / 3])
  expect(found.degraded).toEqual([expect.stringContaining('by their words alone')])
})

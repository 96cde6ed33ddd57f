import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { expect, onTestFinished, test } from 'vitest'
import { createModels } from '../../src/model/registry.ts'
import { scriptedModel } from '../../src/testing/scripted-model.ts'
import { poolsOf } from '../worker/pools.ts'
import { scriptFor, setUp } from './fixture.ts'

const FILES = { 'a.md': 'The sea gets higher.\n\nTaxes are due.\n' }

/** A provider of vectors: what speaks of the sea is alike; `status` tells how it answers. */
async function openProvider(status = () => 200) {
  const asked: string[][] = []
  const server = createServer(async (request, response) => {
    let text = ''
    for await (const chunk of request) text += chunk
    const { input } = JSON.parse(text) as { input: string[] }
    asked.push(input)
    const data = input.map((one) => ({ embedding: /sea|rises/.test(one) ? [1, 0] : [0, 1] }))
    const body = { object: 'list', data, usage: { prompt_tokens: 5, total_tokens: 5 } }
    response.writeHead(status(), { 'content-type': 'application/json' }).end(JSON.stringify(body))
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  onTestFinished(() => {
    server.closeAllConnections()
    server.close()
  })
  return { asked, url: `http://127.0.0.1:${(server.address() as AddressInfo).port}` }
}

function openChain(baseURL: string) {
  const model = scriptedModel(scriptFor({}))
  const providers = { lab: { type: 'openai-compatible', baseURL } }
  const models = createModels(
    { model: 'scripted/model', embedder: 'lab/vectors', providers },
    {},
    { 'scripted/model': model },
  )
  // with a single place: who held it while the vectors are made would wait for itself
  const pools = poolsOf({ workers: 1 })
  return { pools, ...setUp({ models, pools, files: FILES }) }
}

test('vectors of a provider are made on the worker of their model, and counted', async () => {
  const { asked, url } = await openProvider()
  const { ask, record, pools } = openChain(url)
  const usual = (await setUp({ files: FILES }).ask('What rises?', { files: ['a.md'] })).usage
  const { usage, citations } = await ask('What rises?', { files: ['a.md'] })
  expect(asked).toEqual([['What rises?', 'The sea gets higher.', 'Taxes are due.']])
  expect(citations).toMatchObject([{ file: 'a.md', line: 1 }])
  expect(usage).toEqual({ input: usual.input + 5, output: usual.output })
  const pool = pools.all().find(({ id }) => id === 'text_experience_pool')!
  expect(pool.report().each).toContainEqual(expect.objectContaining({ id: 'lab/vectors', kind: 'model', done: 1 }))
  expect((await record(1)).degraded).toEqual([])
})

test('without them files are searched by their words, and the answer says so', async () => {
  const { asked, url } = await openProvider(() => 401)
  const { status, degraded, citations } = await openChain(url).ask('Is the sea higher?', { files: ['a.md'] })
  expect(status).toBe('completed')
  expect(citations).toMatchObject([{ file: 'a.md', line: 1 }])
  expect(degraded).toEqual([
    {
      phase: 'experience.vectors',
      reason: expect.stringMatching(
        /^passages were found by their words alone: Model lab\/vectors failed with status 401/,
      ),
      completed: true,
    },
  ])
  expect(asked).toHaveLength(1)
})

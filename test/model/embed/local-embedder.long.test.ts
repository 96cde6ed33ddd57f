import { execFile } from 'node:child_process'
import { once } from 'node:events'
import { promisify } from 'node:util'
import { Worker } from 'node:worker_threads'
import { afterAll, describe, expect, it, onTestFinished } from 'vitest'
import type { EmbedThreadRequest } from '../../../src/model/embed/embed-worker.ts'
import { localEmbedder } from '../../../src/model/embed/local-embedder.ts'
import { cosineSimilarity } from '../../../src/model/rank/ranker.ts'

const embedder = localEmbedder()!
afterAll(() => embedder.close())

describe('localEmbedder', () => {
  it('puts texts of like meaning close, in the order given', async () => {
    const [cat, tax, kitten] = await embedder.embed([
      'a sleeping cat',
      'the income tax law of 1920 and its amendments',
      'a drowsy kitten',
    ])
    expect(cosineSimilarity(cat!, kitten!)).toBeGreaterThan(cosineSimilarity(cat!, tax!) + 0.1)
    expect(cosineSimilarity(cat!, cat!)).toBeCloseTo(1, 3)
  })

  it('takes empty texts, and none', async () => {
    expect(await embedder.embed(['', ' '])).toHaveLength(2)
    expect(await embedder.embed([])).toEqual([])
  })

  it('gives the same vector for a text alone and among others', async () => {
    const fresh = localEmbedder()!
    const [alone] = await fresh.embed(['the same words'])
    await fresh.close()
    const [among] = await embedder.embed([
      'the same words',
      ...Array.from({ length: 40 }, (_, at) => `other ${at} text`),
    ])
    expect(cosineSimilarity(alone!, among!)).toBe(cosineSimilarity(alone!, alone!))
  })

  it('answers many callers at once, and again after it was closed', async () => {
    const fresh = localEmbedder()!
    const all = await Promise.all(['a', 'b', 'c'].map((text) => fresh.embed([text])))
    await fresh.close()
    await fresh.close()
    expect(await fresh.embed(['a'])).toEqual(all[0])
    await fresh.close()
  })

  it('fails who waits when it is closed', async () => {
    const fresh = localEmbedder()!
    const waiting = expect(fresh.embed(['never'])).rejects.toMatchObject({ name: 'CancelledError' })
    await fresh.close()
    await waiting
  })

  it('keeps the process while somebody waits, and no longer', async () => {
    const script = `import { localEmbedder } from ${JSON.stringify(new URL('../../../src/model/embed/local-embedder.ts', import.meta.url).href)}
      console.log((await localEmbedder().embed(['one']))[0].length)`
    const { stdout } = await promisify(execFile)(process.execPath, ['--input-type=module', '--eval', script], {
      timeout: 120_000,
    })
    expect(stdout.trim()).toBe('512')
  })
})

it('waits until the encoder can compute, however long that takes', async () => {
  const slow = `const { instantiate } = WebAssembly
    WebAssembly.instantiate = (...given) =>
      new Promise((resolve) => setTimeout(resolve, 2000)).then(() => instantiate(...given))`
  const entry = new URL('../../../src/model/embed/embed-worker.ts', import.meta.url)
  const worker = new Worker(entry, { execArgv: ['--import', `data:text/javascript,${encodeURIComponent(slow)}`] })
  onTestFinished(() => worker.terminate().then(() => {}))
  worker.postMessage({ id: 0, texts: ['a sleeping cat'] } satisfies EmbedThreadRequest)
  const [answer] = await once(worker, 'message')
  expect(answer).toMatchObject({ id: 0, vectors: [expect.any(Float32Array)] })
})

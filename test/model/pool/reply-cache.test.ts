import { expect, onTestFinished, test } from 'vitest'
import type { CacheSetting, ModelConfig } from '../../../src/model/catalogue/model-config.ts'
import { createReplyCache } from '../../../src/model/pool/reply-cache.ts'
import type { ModelReply, ModelRequest } from '../../../src/model/request/request.ts'
import { createCache } from '../../../src/store/cache/cache.ts'

const REQUEST: ModelRequest = { task: { kind: 'write' }, documents: [], instruction: 'Say it.' }
const signal = new AbortController().signal

function open(config: ModelConfig = {}) {
  let opened = 0
  let calls = 0
  const time = { now: 0 }
  const cache = createCache({ memory: 1e6, now: () => time.now })
  onTestFinished(() => cache.close())
  const kept = createReplyCache(config, async () => {
    opened++
    return cache
  })
  const ask = (
    wish?: CacheSetting,
    asked: Partial<ModelRequest> = {},
    owner = 'ada',
    more: Partial<ModelReply> = {},
    model = 'a/b',
    tags?: readonly string[],
    call?: string,
  ) =>
    kept.through(
      { model, request: { ...REQUEST, ...asked }, owner, wish, signal, call, ...(tags && { tags }) },
      async () => {
        calls++
        return {
          text: `reply ${calls}`,
          citations: [],
          usage: { input: 5, output: 3 },
          cost: 0.01,
          model: 'a/b',
          ...more,
        }
      },
    )
  return { ask, time, cache, opened: () => opened }
}

test('a reply is given again at no cost where that is wished, and nothing is opened where it is not', async () => {
  const { ask, opened, time } = open()
  await ask()
  await ask(false)
  expect(opened()).toBe(0)
  expect(await ask(true)).toMatchObject({ text: 'reply 3', usage: { input: 5, output: 3 }, cost: 0.01 })
  const again = { text: 'reply 3', citations: [], usage: { input: 0, output: 0 }, cost: 0, model: 'a/b', cached: true }
  expect(await ask(true)).toEqual(again)
  time.now = 3_600_000
  expect((await ask(true)).text).toBe('reply 4')
  expect((await ask({ ttl: 5 }, { instruction: 'x' })).text).toBe('reply 5')
  time.now += 5000
  expect((await ask({ ttl: 5 }, { instruction: 'x' })).text).toBe('reply 6')
})

test('a caller that repeats its own request sees its cost; others have it at no cost', async () => {
  const { ask } = open()
  const asBy = (call?: string) => ask(true, {}, 'ada', {}, 'a/b', undefined, call)
  const paid = { text: 'reply 1', citations: [], usage: { input: 5, output: 3 }, cost: 0.01, model: 'a/b' }
  expect(await asBy('one')).toEqual(paid)
  expect(await asBy('two')).toMatchObject({ text: 'reply 1', cost: 0, cached: true })
  expect(await asBy()).toMatchObject({ text: 'reply 1', cost: 0, cached: true })
  expect(await asBy('one')).toEqual(paid)
})

test('a model that nobody knows is asked all the same: who is asked says what is wrong', async () => {
  const { ask } = open()
  expect((await ask(true, {}, 'ada', {}, 'nobody')).text).toBe('reply 1')
})

test('a model may say it for all who ask it, and a step otherwise', async () => {
  const { ask } = open({ models: [{ id: 'a:b', cache: true }] })
  expect((await ask()).text).toBe('reply 1')
  expect((await ask()).cached).toBe(true)
  expect((await ask(false)).text).toBe('reply 2')
})

test.each<[what: string, asked: Partial<ModelRequest>, owner: string]>([
  ['another owner', {}, 'bob'],
  ['another instruction', { instruction: 'Say it!' }, 'ada'],
  ['another text', { documents: [{ name: 'a', text: 'b' }] }, 'ada'],
  ['another schema', { schema: { type: 'object' } }, 'ada'],
  ['another temperature', { temperature: 1 }, 'ada'],
  ['another form', { form: { prompt: '{{ instruction }}' } }, 'ada'],
])('%s is another question', async (_, asked, owner) => {
  const { ask } = open()
  await ask(true)
  expect((await ask(true, asked, owner)).cached).toBeUndefined()
})

test('a refusal is not kept, and what is can be dropped for a model and for an owner', async () => {
  const { ask, cache } = open()
  await ask(true, {}, 'ada', { refused: 'no' })
  expect((await ask(true)).cached).toBeUndefined()
  expect((await ask(true)).cached).toBe(true)
  await cache.drop('owner/ada')
  expect((await ask(true)).cached).toBeUndefined()
  await cache.drop('model/a/b')
  expect((await ask(true)).cached).toBeUndefined()
})

test('a reply with tags is dropped by each of them, and differs from a reply with other tags', async () => {
  const { ask, cache } = open()
  const tagged = async (...tags: string[]) => (await ask(true, {}, 'ada', {}, 'a/b', tags)).text
  expect([await tagged(), await tagged('x', 'y'), await tagged('x')]).toEqual(['reply 1', 'reply 2', 'reply 3'])
  // they stand beside one another, whatever their order
  expect([await tagged(), await tagged('y', 'x', 'y'), await tagged('x')]).toEqual(['reply 1', 'reply 2', 'reply 3'])
  await cache.drop('y')
  expect([await tagged(), await tagged('x', 'y'), await tagged('x')]).toEqual(['reply 1', 'reply 4', 'reply 3'])
  await cache.drop('x')
  expect([await tagged(), await tagged('x', 'y'), await tagged('x')]).toEqual(['reply 1', 'reply 5', 'reply 6'])
})

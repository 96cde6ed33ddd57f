import { describe, expect, it } from 'vitest'
import { mendReply } from '../../../src/model/provider/mend/reply.ts'

const mended = (reply: object) => JSON.parse(mendReply(JSON.stringify(reply)))
const chat = (usage: object) =>
  mended({ choices: [{ index: 0, message: { role: 'assistant', content: 'a' }, finish_reason: 'stop' }], usage }).usage
const chunk = (usage: object) => mended({ choices: [], usage }).usage

describe.each([
  ['a whole reply', chat],
  ['a piece of a stream', (usage: object) => mended({ choices: [{ index: 0, delta: {} }], usage }).usage],
])('in %s of the chat protocol', (_, usageOf) => {
  const base = { prompt_tokens: 100, completion_tokens: 20 }

  it('thoughts count once, in the output or beside it', () => {
    const thought = { completion_tokens_details: { reasoning_tokens: 15 } }
    expect(usageOf({ ...base, ...thought, total_tokens: 120 }).completion_tokens).toBe(20)
    expect(usageOf({ ...base, ...thought, total_tokens: 135 }).completion_tokens).toBe(35)
    expect(usageOf({ ...base, ...thought }).completion_tokens).toBe(20)
    const more = { completion_tokens_details: { reasoning_tokens: 500 } }
    expect(usageOf({ ...base, ...more, total_tokens: 0 }).completion_tokens).toBe(520)
  })

  it('the cached part counts once, in the input or beside it', () => {
    const cached = { prompt_tokens_details: { cached_tokens: 80 } }
    expect(usageOf({ ...base, ...cached, total_tokens: 120 }).prompt_tokens).toBe(100)
    expect(usageOf({ ...base, ...cached, total_tokens: 200 }).prompt_tokens).toBe(180)
    const thought = { completion_tokens_details: { reasoning_tokens: 15 } }
    expect(usageOf({ ...base, ...cached, ...thought, total_tokens: 215 })).toMatchObject({
      prompt_tokens: 180,
      completion_tokens: 35,
    })
  })

  it('the cached part has many names', () => {
    for (const name of ['prompt_cache_hit_tokens', 'cached_tokens', 'num_cached_tokens', 'cache_read_input_tokens'])
      expect(usageOf({ ...base, total_tokens: 120, [name]: 80 }).prompt_tokens_details).toEqual({ cached_tokens: 80 })
    const both = { cache_read_input_tokens: 80, cache_creation_input_tokens: 10, total_tokens: 120 }
    expect(usageOf({ ...base, ...both }).prompt_tokens_details).toEqual({ cached_tokens: 80, cache_write_tokens: 10 })
    const given = { ...base, cached_tokens: 7, prompt_tokens_details: { cached_tokens: 80 }, total_tokens: 120 }
    expect(usageOf(given).prompt_tokens_details).toEqual({ cached_tokens: 80 })
  })
})

it('a last piece without choices counts as well', () => {
  expect(chunk({ prompt_tokens: 1, completion_tokens: 2, total_tokens: 3, cached_tokens: 1 })).toMatchObject({
    prompt_tokens_details: { cached_tokens: 1 },
  })
})

it('a count that is negative counts as none', () => {
  const usage = { input_tokens: 5, cache_read_input_tokens: -4, output_tokens: 1 }
  expect(mended({ type: 'message', content: [], usage }).usage).toMatchObject({ cache_read_input_tokens: 0 })
})

it("thoughts of Google's protocol count once", () => {
  const usage = { promptTokenCount: 10, candidatesTokenCount: 20, thoughtsTokenCount: 15 }
  const of = (total: number) => mended({ usageMetadata: { ...usage, totalTokenCount: total } }).usageMetadata
  expect(of(45).candidatesTokenCount).toBe(20)
  expect(of(30).candidatesTokenCount).toBe(5)
})

it("thoughts of OpenAI's Responses count once", () => {
  const usage = { input_tokens: 10, output_tokens: 20, output_tokens_details: { reasoning_tokens: 15 } }
  const of = (total: number) =>
    mended({ object: 'response', output: [], usage: { ...usage, total_tokens: total } }).usage
  expect([of(30).output_tokens, of(45).output_tokens]).toEqual([20, 35])
})

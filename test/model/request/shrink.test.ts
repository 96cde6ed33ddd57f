import { describe, expect, test } from 'vitest'
import { generateInPool } from '../../../src/model/pool/generate-in-pool.ts'
import { createModels } from '../../../src/model/registry.ts'
import type { CallPayer, ModelRequest } from '../../../src/model/request/request.ts'
import { shrinkRequest } from '../../../src/model/request/shrink.ts'
import { scriptedModel } from '../../../src/testing/scripted-model.ts'
import { stepPool } from '../../worker/pools.ts'

const textsOf = (request: ModelRequest) => request.documents.map(({ text }) => text)
const requestOf = (...texts: string[]): ModelRequest => ({
  task: { kind: 'summarise' },
  documents: texts.map((text, at) => ({ name: `${at}.txt`, text })),
  instruction: 'Summarise.',
})
const shorterOnes = (...texts: string[]) => [...shrinkRequest(requestOf(...texts))].slice(1).map(textsOf)

describe('the attempts when a request is too long', () => {
  test('is itself, then half of its text, a quarter and an eighth', () => {
    const sizes = [...shrinkRequest(requestOf('x'.repeat(8000)))].map((request) => textsOf(request)[0]!.length)
    expect(sizes).toEqual([8000, 4000, 2000, 1000])
  })

  test('cuts the longest texts, to one length; what is shorter than that stays whole', () => {
    const [half] = shorterOnes('a'.repeat(100), 'b'.repeat(900), 'c'.repeat(3000))
    expect(half!.map((text) => text.length)).toEqual([100, 900, 1000])
    const [, quarter] = shorterOnes('a'.repeat(100), 'b'.repeat(900), 'c'.repeat(3000))
    expect(quarter!.map((text) => text.length)).toEqual([100, 450, 450])
  })

  test('cuts files that are texts as well, and leaves all others', () => {
    const image = { mediaType: 'image/png', data: 'iVBO' }
    const text = { name: 'b.txt', mediaType: 'text/plain', data: Buffer.from('b'.repeat(3000)).toString('base64') }
    const [, half] = [...shrinkRequest({ ...requestOf('a'.repeat(1000)), files: [text, image] })]
    expect(textsOf(half!).map((each) => each.length)).toEqual([1000, 1000])
    expect(half!.files).toEqual([image])
  })

  test('ends behind a word, and never within a character', () => {
    const [words] = shorterOnes('word '.repeat(100))
    expect(words![0]).toMatch(/word$/)
    const [signs] = shorterOnes(`a${'𝄞'.repeat(200)}`)
    expect(signs![0]!.isWellFormed()).toBe(true)
  })

  test('is nothing else where there is next to no text, for it is what is asked that is too long', () => {
    expect(shorterOnes()).toEqual([])
    expect(shorterOnes('x'.repeat(200))).toEqual([])
    expect(shorterOnes('x'.repeat(300)).length).toBe(1)
  })
})

/** A model that takes prompts up to so many characters, and says of others what providers say. */
function narrowModel(most: number) {
  const error = Object.assign(new Error('this model has a maximum context length of 1000 tokens'), { statusCode: 400 })
  const model = scriptedModel([{ match: (prompt) => prompt.length <= most, reply: 'short' }, { error }], 'lab/narrow')
  const paid: (CallPayer | undefined)[] = []
  const models = createModels({ model: 'lab/narrow', embedder: 'none' }, {}, { 'lab/narrow': model })
  const noting: typeof models = {
    ...models,
    generate(request, options) {
      paid.push(options.payer)
      return models.generate(request, options)
    },
  }
  return { model, models: noting, paid }
}

const PAYER: CallPayer = { id: 'call', by: 'step/s', of: [] }
const { signal } = new AbortController()

describe('a model that may be told less', () => {
  test('gets as much as it takes, each time as a call of its own, and the reply says how much that was', async () => {
    const { model, models, paid } = narrowModel(4000)
    const task = { signal, payer: PAYER, mayShrink: true }
    const reply = await generateInPool(stepPool(1, 1), models, requestOf('x'.repeat(10_000)), task)
    expect(reply.text).toBe('short')
    expect(reply.lacks).toEqual(['lab/narrow was given 25 % of the text: all of it is too long for this model'])
    expect(model.calls.length).toBe(3)
    expect(paid.map((payer) => payer?.id)).toEqual(['call', 'call-1', 'call-2'])
  })

  test('says nothing of it when it took all', async () => {
    const { models } = narrowModel(4000)
    const reply = await generateInPool(stepPool(1, 1), models, requestOf('short'), { signal, mayShrink: true })
    expect(reply.lacks).toBeUndefined()
  })

  test('fails as it first did when an eighth is too long, too', async () => {
    const { model, models } = narrowModel(100)
    const calling = generateInPool(stepPool(1, 1), models, requestOf('x'.repeat(10_000)), { signal, mayShrink: true })
    await expect(calling).rejects.toMatchObject({ code: 'context_overflow' })
    expect(model.calls.length).toBe(4)
  })
})

test('one that may not be told less fails at once', async () => {
  const { model, models } = narrowModel(4000)
  const calling = generateInPool(stepPool(1, 1), models, requestOf('x'.repeat(10_000)), { signal })
  await expect(calling).rejects.toMatchObject({ code: 'context_overflow' })
  expect(model.calls.length).toBe(1)
})

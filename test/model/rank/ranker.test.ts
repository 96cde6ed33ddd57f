import { describe, expect, it } from 'vitest'
import type { Embedder } from '../../../src/model/embed/embedder.ts'
import { createRanker, type RankOptions } from '../../../src/model/rank/ranker.ts'
import { threadTime } from '../../thread-time.ts'

type Passages = Parameters<typeof createRanker>[0]
const rankPassages = (question: string, passages: Passages, options: RankOptions) =>
  createRanker(passages).rank(question, options)

const PASSAGES = [
  { id: 'cats', text: 'Cats sleep most of the day.' },
  { id: 'dogs', text: 'Dogs need a walk every day.', heading: 'Keeping animals' },
  { id: 'felines', text: 'A feline rests for sixteen hours.' },
  { id: 'price', text: 'The licence costs 30 euros.' },
]
const ids = (ranked: readonly { readonly id: string }[]) => ranked.map(({ id }) => id)

/** Meaning as two numbers: how much a text is about cats, and about anything else. */
const fake: Embedder = {
  embed: async (texts) => texts.map((text) => Float32Array.from(/cat|feline/i.test(text) ? [1, 0] : [0, 1])),
  close: async () => {},
}

describe('a ranker', () => {
  it('puts the passage with the words of the question first', async () => {
    expect(ids(await rankPassages('What does licensing cost?', PASSAGES, { limit: 3 }))).toEqual(['price'])
  })

  it('counts the heading', async () => {
    expect(ids(await rankPassages('keeping', PASSAGES, { limit: 1 }))).toEqual(['dogs'])
  })

  it('counts what stands beside it in its paragraph, less than what it says itself', async () => {
    const shoes = { id: 'shoes', text: 'Shoes are bought in the afternoon.', block: 1 }
    const worn = { id: 'worn', text: 'They last for a year.', block: 1 }
    const other = { id: 'other', text: 'Tyres last for a year.', block: 2 }
    const passages = [other, shoes, worn]
    expect(ids(await rankPassages('Do shoes last a year?', passages, { limit: 3 }))).toEqual(['shoes', 'worn', 'other'])
    expect(ids(await rankPassages('shoes', passages, { limit: 3 }))).toEqual(['shoes', 'worn'])
    const apart = passages.map((passage, document) => ({ ...passage, document }))
    expect(ids(await rankPassages('shoes', apart, { limit: 3 }))).toEqual(['shoes'])
  })

  it('takes a word that is not there for one that begins like it', async () => {
    const passages = [...PASSAGES, { id: 'old', text: 'The oldest are called incunabula.' }]
    expect(ids(await rankPassages('What is an incunable?', passages, { limit: 2 }))).toEqual(['old'])
    expect(ids(await rankPassages('What is an inch?', passages, { limit: 2 }))).toEqual([])
  })

  it('takes a word that is not there for a part of it, if it is asked to', async () => {
    const { rank, hasWider } = createRanker([
      { id: 'term', text: 'Die Frist ist kurz.' },
      { id: 'board', text: 'The noticeboard hangs in the boathouse.' },
    ])
    const found = async (question: string) => ids(await rank(question, { limit: 2, isWide: hasWider(question) }))
    expect(await found('Kündigungsfrist?')).toEqual(['term'])
    expect(await found('Who reads the board?')).toEqual(['board'])
    expect(ids(await rank('Who reads the board?', { limit: 2 }))).toEqual([])
    expect(['Where is the boathouse?', 'Who is in?'].map(hasWider)).toEqual([false, false])
  })

  it('keeps to its limit, and to the order given where it is a draw', async () => {
    expect(ids(await rankPassages('day', PASSAGES, { limit: 5 }))).toEqual(['cats', 'dogs'])
    expect(ids(await rankPassages('day', PASSAGES, { limit: 1 }))).toEqual(['cats'])
  })

  it('scores by how much of the question a passage speaks of', async () => {
    const [whole] = await rankPassages('licence costs', PASSAGES, { limit: 1 })
    const [half] = await rankPassages('licence of helicopters', PASSAGES, { limit: 1 })
    expect(whole?.score).toBe(1)
    expect(half?.score).toBeGreaterThan(0)
    expect(half?.score).toBeLessThan(0.5)
  })

  it('finds nothing where no word is shared', async () => {
    expect(await rankPassages('helicopters', PASSAGES, { limit: 5 })).toEqual([])
    expect(await rankPassages('helicopters', [], { limit: 5 })).toEqual([])
  })

  it('finds by meaning with an embedder, and says by the score that no word is shared', async () => {
    const ranked = await rankPassages('cat', PASSAGES, { limit: 2, embedder: fake })
    expect(ranked.map(({ id, score, likeness }) => [id, score, likeness])).toEqual([
      ['cats', 1, 1],
      ['felines', 0, 1],
    ])
  })

  it('compares no more than sixteen by meaning', async () => {
    const asked: number[] = []
    const embed: Embedder['embed'] = (texts) => {
      asked.push(texts.length)
      return fake.embed(texts)
    }
    const many = Array.from({ length: 100 }, (_, at) => ({ id: String(at), text: `cat number ${at}` }))
    await rankPassages('cat', many, { limit: 50, embedder: { ...fake, embed } })
    expect(asked).toEqual([17])
  })

  it('takes no long time for a question that is as long as its text', async () => {
    const words = (by: string) => Array.from({ length: 40_000 }, (_, at) => `${by}${at}`).join(' ')
    const started = threadTime()
    expect(await rankPassages(words('a'), [{ id: 'b', text: words('b') }], { limit: 1 })).toEqual([])
    expect(threadTime() - started).toBeLessThan(5000)
  })

  it('gives the same for the same', async () => {
    const ranker = createRanker(PASSAGES)
    const options = { limit: 4, embedder: fake }
    expect(await ranker.rank('day walk', options)).toEqual(await ranker.rank('day walk', options))
  })

  it('ends with the reason of an abort', async () => {
    const signal = AbortSignal.abort(new Error('enough'))
    await expect(rankPassages('day', PASSAGES, { limit: 1, signal })).rejects.toThrow('enough')
  })
})

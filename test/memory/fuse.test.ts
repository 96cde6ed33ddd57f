import { expect, test } from 'vitest'
import { fuse, type RankedCandidate } from '../../src/memory/store/search/fuse.ts'

const DAY = 86_400_000
const candidate = (rid: number, value: number, more: Partial<RankedCandidate> = {}): RankedCandidate => ({
  rid,
  id: `m${rid}`,
  learned_at: 0,
  importance: null,
  value,
  ...more,
})
const ids = (found: readonly { readonly rid: number }[]) => found.map(({ rid }) => rid)

test('a record in both rankings comes before one in either, and each is there once', () => {
  const words = [candidate(1, 9), candidate(2, 8)]
  const meaning = [candidate(1, 0.9), candidate(3, 0.8)]
  const found = fuse(words, meaning, { now: 0, limit: 10 })
  expect(ids(found)).toEqual([1, 2, 3])
  expect(found[0]!.ranks).toEqual({ words: 1, meaning: 1 })
})

test('the score follows from the ranks and the boosts', () => {
  const words = [candidate(1, 9, { importance: 0.5 }), candidate(2, 8, { learned_at: 60 * DAY })]
  const meaning = [candidate(2, 0.9, { learned_at: 60 * DAY }), candidate(3, 0.4)]
  for (const { score, parts, ranks } of fuse(words, meaning, { now: 60 * DAY, limit: 10 })) {
    const ofRank = (rank?: number) => (rank === undefined ? 0 : 1 / (60 + rank))
    expect(score).toBeCloseTo((ofRank(ranks.words) + ofRank(ranks.meaning)) * parts.recency * parts.importance, 12)
  }
  const [newest] = fuse(words, meaning, { now: 60 * DAY, limit: 1 })
  expect(newest).toMatchObject({ rid: 2, parts: { words: 8, meaning: 0.9, recency: 1.1, importance: 1 } })
})

test('a record that the encoder has not read keeps its rank by words among those that it has read', () => {
  const words = [candidate(1, 9, { unread: 1 }), candidate(2, 8, { unread: 0 })]
  const meaning = [candidate(3, 0.4), candidate(2, 0.3)]
  // the two are the nearest of the half that is read: among all, they are expected in places 2 and 4
  expect(ids(fuse(words, meaning, { now: 0, limit: 10, read: 0.5 }))).toEqual([1, 2, 3])
  const unread = Array.from({ length: 5 }, (_, at) => candidate(at, 9 - at, { unread: 1 }))
  expect(ids(fuse(unread, [candidate(9, 0.9)], { now: 0, limit: 5, read: 0.1 }))).toEqual([0, 1, 2, 3, 4])
})

test('without a ranking by meaning, the relevance of words decides', () => {
  const [first] = fuse([candidate(1, 3, { importance: 1 }), candidate(2, 2)], undefined, { now: 0, limit: 2 })
  expect(first!.score).toBeCloseTo(3 * 1.1 * 1.1)
})

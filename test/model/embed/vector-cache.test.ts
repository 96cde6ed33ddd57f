import { describe, expect, test } from 'vitest'
import { createVectorCache } from '../../../src/model/embed/vector-cache.ts'
import { heldBytes } from '../../pipeline/held.ts'

/** An embedder that answers when it is told to: each text's vector is its length. */
function heldEmbedder() {
  const calls: { readonly texts: readonly string[]; answer(): void; fail(): void }[] = []
  const embed = (texts: readonly string[]) =>
    new Promise<Float32Array[]>((resolve, reject) => {
      const answer = () => resolve(texts.map((text) => Float32Array.of(text.length)))
      calls.push({ texts, answer, fail: () => reject(new Error('no answer')) })
    })
  return { calls, embed, asked: () => calls.map(({ texts }) => texts) }
}

const lengths = (vectors: readonly Float32Array[]) => vectors.map(([length]) => length)

describe('vectors that are kept', () => {
  test('a text is embedded once, however often it is there and however it goes on after what is looked at', async () => {
    const { calls, embed, asked } = heldEmbedder()
    const kept = createVectorCache(3)
    const first = kept.through(['a', 'abcd', 'abce', 'a'], embed)
    calls[0]!.answer()
    expect(lengths(await first)).toEqual([1, 3, 3, 1])
    expect(lengths(await kept.through(['abcf'], embed))).toEqual([3])
    expect(asked()).toEqual([['a', 'abc']])
  })

  test('a text whose embedding is in flight is not embedded twice', async () => {
    const { calls, embed, asked } = heldEmbedder()
    const kept = createVectorCache(100)
    const both = [kept.through(['a', 'bb'], embed), kept.through(['ccc', 'bb'], embed)]
    expect(asked()).toEqual([['a', 'bb'], ['ccc']])
    for (const { answer } of calls) answer()
    expect((await Promise.all(both)).map(lengths)).toEqual([
      [1, 2],
      [3, 2],
    ])
  })

  test("a caller embeds a text itself if another caller's attempt failed", async () => {
    const { calls, embed, asked } = heldEmbedder()
    const kept = createVectorCache(100)
    const first = kept.through(['a'], embed)
    const second = kept.through(['a'], embed)
    calls[0]!.fail()
    await expect(first).rejects.toThrow('no answer')
    await expect.poll(() => calls.length).toBe(2)
    calls[1]!.answer()
    expect([lengths(await second), asked()]).toEqual([[1], [['a'], ['a']]])
  })

  test('a text whose vector is kept is not kept as a whole', async () => {
    const kept = createVectorCache(100)
    const makeText = (at: number) => Buffer.alloc(1_000_000, `${at} text `).toString('latin1')
    const before = heldBytes()
    for (let at = 0; at < 40; at++)
      await kept.through([makeText(at)], async (texts) => texts.map(() => Float32Array.of(1)))
    expect(heldBytes() - before).toBeLessThan(10_000_000)
    expect(lengths(await kept.through([makeText(7)], () => Promise.reject(new Error('it is not kept'))))).toEqual([1])
  })
})

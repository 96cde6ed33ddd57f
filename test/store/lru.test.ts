import { describe, expect, it } from 'vitest'
import { createLru } from '../../src/store/lru.ts'

describe('an lru', () => {
  it('evicts the least recently used entries above the limit', () => {
    const lru = createLru<string>(10)
    lru.set('a', 'A', 4)
    lru.set('b', 'B', 4)
    lru.get('a')
    lru.set('c', 'C', 4)
    expect(['a', 'b', 'c'].map((key) => lru.get(key))).toEqual(['A', undefined, 'C'])
  })

  it('does not count a replaced value twice', () => {
    const lru = createLru<string>(10)
    lru.set('a', 'old', 6)
    lru.set('a', 'new', 6)
    lru.set('b', 'B', 4)
    expect([lru.get('a'), lru.get('b')]).toEqual(['new', 'B'])
  })

  it('does not keep an entry larger than the limit, and evicts none for it', () => {
    const lru = createLru<string>(10)
    lru.set('a', 'A', 4)
    lru.set('big', 'BIG', 11)
    expect([lru.get('a'), lru.get('big')]).toEqual(['A', undefined])
  })
})

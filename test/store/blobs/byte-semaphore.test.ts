import { describe, expect, test, vi } from 'vitest'
import { createByteSemaphore, type ReleaseBytes } from '../../../src/store/blobs/byte-semaphore.ts'

/** Lets some enter, and tells who is in. */
function crowd(gate: ReturnType<typeof createByteSemaphore>) {
  const inside = new Map<string, ReleaseBytes>()
  const enter = async (name: string, bytes: number) => void inside.set(name, await gate.enter(bytes))
  const leave = async (name: string) => {
    inside.get(name)!()
    inside.delete(name)
    await Promise.resolve()
  }
  return { enter, leave, names: () => [...inside.keys()] }
}

describe('a gate of bytes', () => {
  test('lets in what fits at once, and the others in their order when there is room', async () => {
    const gate = createByteSemaphore(100)
    const { enter, leave, names } = crowd(gate)
    await enter('a', 60)
    await enter('b', 40)
    const rest = [enter('c', 50), enter('d', 10), enter('e', 40)]
    expect(gate.counts()).toEqual({ bytes: 100, waiting: 3 })
    await leave('b')
    // d and e would fit, but c waits longer
    expect(names()).toEqual(['a'])
    await leave('a')
    await Promise.all(rest)
    expect(names()).toEqual(['c', 'd', 'e'])
  })

  test('lets in one that needs more than there is, alone', async () => {
    const gate = createByteSemaphore(100)
    const { enter, leave, names } = crowd(gate)
    await enter('a', 1000)
    const next = enter('b', 1)
    expect(names()).toEqual(['a'])
    await leave('a')
    await next
    expect(gate.counts()).toEqual({ bytes: 1, waiting: 0 })
  })

  test('counts a second leave of the same entry once', () => {
    const gate = createByteSemaphore(100)
    const leave = gate.enter(60) as ReleaseBytes
    gate.enter(40)
    leave()
    leave()
    expect(gate.counts().bytes).toBe(40)
  })

  test('lets one more in when nothing has left for a second: those inside may wait for it', async () => {
    vi.useFakeTimers()
    try {
      const gate = createByteSemaphore(100)
      const { enter, names } = crowd(gate)
      await enter('a', 100)
      const rest = [enter('b', 100), enter('c', 100)]
      await vi.advanceTimersByTimeAsync(999)
      expect(names()).toEqual(['a'])
      await vi.advanceTimersByTimeAsync(1)
      expect(names()).toEqual(['a', 'b'])
      await vi.advanceTimersByTimeAsync(1000)
      await Promise.all(rest)
      expect(names()).toEqual(['a', 'b', 'c'])
    } finally {
      vi.useRealTimers()
    }
  })
})

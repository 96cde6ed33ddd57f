import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { type StreamProgress, withTimeouts } from '../../../src/model/request/timeouts.ts'

beforeEach(() => void vi.useFakeTimers())
afterEach(() => void vi.useRealTimers())

const timeouts = { callMs: 1000, firstMs: 300, idleMs: 100 }
const signal = new AbortController().signal

/** Work that never ends by itself; `told` are the reasons by which its signal was aborted. */
function endless() {
  const told: unknown[] = []
  let reading: StreamProgress | undefined
  const work = (own: AbortSignal, given: StreamProgress) => {
    reading = given
    own.addEventListener('abort', () => told.push(own.reason))
    return new Promise<never>(() => {})
  }
  return { work, told, read: () => reading! }
}

describe('a call', () => {
  it('ends at its time limit, and its signal says so', async () => {
    const { work, told } = endless()
    const running = expect(withTimeouts({ timeouts }, signal, work)).rejects.toMatchObject({
      name: 'TimeoutError',
      code: 'model_timeout',
      message: 'The model was not done after 1000 ms.',
    })
    await vi.advanceTimersByTimeAsync(1000)
    await running
    expect(told).toMatchObject([{ code: 'model_timeout' }])
  })

  it('ends at its deadline', async () => {
    const running = expect(
      withTimeouts({ timeouts, deadline: Date.now() + 40 }, signal, endless().work),
    ).rejects.toThrow('after 40 ms')
    await vi.advanceTimersByTimeAsync(40)
    await running
  })

  it('ends the wait of a reader for the first piece in time', async () => {
    const { work, read } = endless()
    const running = expect(withTimeouts({ timeouts }, signal, work)).rejects.toThrow('said nothing after 300 ms')
    read().begin()
    await vi.advanceTimersByTimeAsync(300)
    await running
  })

  it('ends the wait of a reader for each next piece in time', async () => {
    const { work, told, read } = endless()
    const running = expect(withTimeouts({ timeouts }, signal, work)).rejects.toThrow('said nothing more after 100 ms')
    read().begin()
    for (let piece = 0; piece < 5; piece++) {
      await vi.advanceTimersByTimeAsync(90)
      read().heard()
    }
    expect(told).toEqual([])
    await vi.advanceTimersByTimeAsync(100)
    await running
  })

  it('leaves no timer behind when it is over', async () => {
    const done = async (_: AbortSignal, reading: StreamProgress) => {
      reading.begin()
      reading.heard()
      return 'done'
    }
    expect(await withTimeouts({ timeouts }, signal, done)).toBe('done')
    await expect(withTimeouts({}, signal, () => Promise.reject(new Error('no')))).rejects.toThrow('no')
    await Promise.resolve()
    expect(vi.getTimerCount()).toBe(0)
  })
})

import { describe, expect, it } from 'vitest'
import { simulatedClock } from '../../src/testing/index.ts'

describe('simulatedClock', () => {
  it('stands still until it is moved', async () => {
    const clock = simulatedClock(5)
    expect(clock.now()).toBe(5)
    await clock.advance(10)
    expect(clock.now()).toBe(15)
  })

  it('calls back in the order of times, each at its time, those of one time in the order they were set', async () => {
    const clock = simulatedClock(0)
    const calls: string[] = []
    for (const [name, delay] of [
      ['c', 30],
      ['a', 10],
      ['b', 20],
      ['b2', 20],
      ['later', 31],
    ] as const) {
      clock.after(delay, () => calls.push(`${name} ${clock.now()}`))
    }
    await clock.advance(30)
    expect(calls).toEqual(['a 10', 'b 20', 'b2 20', 'c 30'])
    await clock.advance(1)
    expect(calls.at(-1)).toBe('later 31')
  })

  it('says when the next callback falls due', async () => {
    const clock = simulatedClock(0)
    expect(clock.next).toBeUndefined()
    clock.after(20, () => {})
    const off = clock.after(10, () => {})
    expect(clock.next).toBe(10)
    off()
    expect(clock.next).toBe(20)
    await clock.advance(20)
    expect(clock.next).toBeUndefined()
  })

  it('calls back what callbacks, and promises they resolve, set within the time', async () => {
    const clock = simulatedClock(0)
    const calls: number[] = []
    const tick = async () => {
      calls.push(clock.now())
      await Promise.resolve()
      clock.after(10, tick)
    }
    clock.after(10, tick)
    await clock.advance(35)
    expect(calls).toEqual([10, 20, 30])
  })

  it('does not call back a cancelled timer', async () => {
    const clock = simulatedClock()
    let called = false
    const off = clock.after(10, () => (called = true))
    off()
    await clock.advance(10)
    expect(called).toBe(false)
  })

  it('ends a loop that never lets time go on', async () => {
    const clock = simulatedClock()
    const again = () => void clock.after(0, again)
    again()
    await expect(clock.advance(1)).rejects.toThrow(RangeError)
  })
})

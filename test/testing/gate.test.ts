import { describe, expect, it } from 'vitest'
import { gate, until } from '../../src/testing/index.ts'

describe('gate', () => {
  it('holds who comes by until it is released, and nobody after', async () => {
    const hold = gate()
    let passed = 0
    const passing = hold.pass().then(() => passed++)
    await hold.started
    expect([hold.arrivals, passed]).toEqual([1, 0])
    hold.release()
    await passing
    await hold.pass()
    expect([hold.arrivals, passed]).toEqual([2, 1])
  })

  it('lets go of who is interrupted', async () => {
    const hold = gate()
    const controller = new AbortController()
    const passing = hold.pass(controller.signal)
    controller.abort(new Error('enough'))
    await expect(passing).rejects.toThrow('enough')
    await expect(hold.pass(controller.signal)).rejects.toThrow('enough')
  })
})

describe('until', () => {
  it('gives the first answer that is one; zero and empty text are', async () => {
    let looks = 0
    expect(await until(() => ++looks === 3 && 'found')).toBe('found')
    expect(await until(async () => 0)).toBe(0)
    expect(await until(() => '')).toBe('')
  })
})

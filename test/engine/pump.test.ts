import { expect, it } from 'vitest'
import { createPump } from '../../src/engine/pump.ts'
import { simulatedClock, until } from '../../src/testing/index.ts'

const settled = () => new Promise<void>((resolve) => setImmediate(resolve))

function pumpOf(turns: number) {
  const work = { left: turns }
  const takeTurn = () => {
    if (work.left === 0) return false
    work.left--
    return true
  }
  return { work, pump: createPump(simulatedClock(), takeTurn) }
}

it('takes turns until there is none, in a microtask', async () => {
  const { work, pump } = pumpOf(3)
  for (const more of [0, 2]) {
    work.left += more
    const before = work.left
    pump()
    expect(work.left).toBe(before)
    await Promise.resolve()
    expect(work.left).toBe(0)
  }
})

it('lets other work of the process go first after many turns, and goes on', async () => {
  const { work, pump } = pumpOf(10_000)
  const other = settled()
  pump()
  await other
  expect(work.left).toBeGreaterThan(0)
  await until(() => work.left === 0)
})

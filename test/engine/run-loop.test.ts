import { expect, it } from 'vitest'
import { createRunLoop } from '../../src/engine/run-loop.ts'
import { simulatedClock, until } from '../../src/testing/index.ts'

const settled = () => new Promise<void>((resolve) => setImmediate(resolve))

function pumpOf(turns: number, onTurn = () => {}) {
  const work = { left: turns }
  const takeTurn = () => {
    if (work.left === 0) return false
    work.left--
    onTurn()
    return true
  }
  return { work, pump: createRunLoop(simulatedClock(), takeTurn) }
}

it('takes turns until there is none, in a microtask', async () => {
  const { work, pump } = pumpOf(3)
  for (const more of [0, 2]) {
    work.left += more
    const before = work.left
    pump.schedule()
    expect(work.left).toBe(before)
    await Promise.resolve()
    expect(work.left).toBe(0)
  }
})

it('yields to other work of the process after many turns, and continues', async () => {
  const { work, pump } = pumpOf(10_000)
  const other = settled()
  pump.schedule()
  await other
  expect(work.left).toBeGreaterThan(0)
  await until(() => work.left === 0)
})

it('yields to other work of the process after some time, also if each turn begins in its own microtask', async () => {
  const clock = simulatedClock()
  let elapsed = 0
  let left = 1000
  const pump = createRunLoop({ ...clock, elapsed: () => elapsed }, () => {
    if (left === 0) return false
    left--
    // the effect of the turn, after which its actor is ready again
    Promise.resolve().then(() => {
      elapsed += 10
      pump.schedule()
    })
    return false
  })
  const other = settled()
  pump.schedule()
  await other
  // a turn takes 10 ms
  expect(1000 - left).toBeLessThan(15)
  await until(() => left === 0)
})

it('does not yield after a pause', async () => {
  const clock = simulatedClock()
  let elapsed = 0
  const soon: (() => void)[] = []
  const pump = createRunLoop({ ...clock, elapsed: () => elapsed, soon: (callback) => void soon.push(callback) }, () => {
    taken++
    return false
  })
  let taken = 0
  for (const after of [1, 2, 3]) {
    elapsed += 1000
    pump.schedule()
    await Promise.resolve()
    expect(taken).toBe(after)
    // what comes in the meantime only notes that it came
    for (const callback of soon.splice(0)) callback()
    expect(taken).toBe(after)
  }
})

it('runs ahead of a caller that is faster than the turns, but not for a few calls', async () => {
  const { work, pump } = pumpOf(10_000)
  for (let call = 0; call < 100; call++) pump.catchUp()
  expect(work.left).toBe(10_000)
  for (let call = 0; call < 10_000; call++) pump.catchUp()
  expect(work.left).toBeLessThan(2_000)
})

it('takes no turn within a turn', async () => {
  let depth = 0
  const { work, pump } = pumpOf(10, () => {
    expect(depth++).toBe(0)
    for (let call = 0; call < 10_000; call++) pump.catchUp()
    depth--
  })
  pump.schedule()
  await until(() => work.left === 0)
})

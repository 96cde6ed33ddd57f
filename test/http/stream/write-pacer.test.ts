import { setImmediate as nextTurn } from 'node:timers/promises'
import { expect, it } from 'vitest'
import { createPace } from '../../../src/http/stream/write-pacer.ts'

it('limits writes per turn of the event loop in all, and serves every stream in the end', async () => {
  const pace = createPace(10)
  const perTurn: number[] = []
  let written = 0
  const write = async (count: number) => {
    for (let n = 0; n < count; n++) {
      for (let wait = pace.wait(); wait; wait = pace.wait()) await wait
      written++
    }
  }
  const writing = Promise.all(Array.from({ length: 5 }, () => write(7)))
  for (let before = 0; before < 35; before = written) {
    perTurn.push(written - before)
    await nextTurn()
  }
  await writing
  expect(written).toBe(35)
  expect(Math.max(...perTurn)).toBe(10)
})

import { gate } from 'antiphon/testing'
import { expect, it } from 'vitest'
import { createSemaphore } from '../../../../src/engine/restate/client/semaphore.ts'

/** Work that does not end before its gate is opened. */
function works(count: number) {
  const begun: number[] = []
  const gates = Array.from({ length: count }, () => gate())
  const work = (n: number) => async () => {
    begun.push(n)
    await gates[n]!.pass()
    return n
  }
  return { begun, gates, work }
}

it('runs up to the limit at once, queues the others, and each gets its outcome', async () => {
  const lanes = createSemaphore(2, 10)
  const { begun, gates, work } = works(4)
  const done = [0, 1, 2, 3].map((n) => lanes(work(n)))
  await gates[1]!.started
  expect(begun).toEqual([0, 1])
  gates[1]!.release()
  await gates[2]!.started
  expect(begun).toEqual([0, 1, 2])
  for (const each of gates) each.release()
  expect(await Promise.all(done)).toEqual([0, 1, 2, 3])
  expect(begun).toEqual([0, 1, 2, 3])
})

it('work that fails makes room', async () => {
  const lanes = createSemaphore(1, 1)
  const failed = lanes(() => Promise.reject(new Error('no')))
  const next = lanes(async () => 'next')
  await expect(failed).rejects.toThrow('no')
  expect(await next).toBe('next')
  expect(await lanes(async () => 'last')).toBe('last')
})

it('a caller that finds the line full gets an error', async () => {
  const lanes = createSemaphore(1, 1)
  const { gates, work } = works(2)
  const done = [lanes(work(0)), lanes(work(1))]
  await gates[0]!.started
  await expect(lanes(work(1))).rejects.toMatchObject({ name: 'BusyError' })
  for (const each of gates) each.release()
  expect(await Promise.all(done)).toEqual([0, 1])
})

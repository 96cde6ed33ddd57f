import { describe, expect, test } from 'vitest'
import { createByteSemaphore } from '../../../../src/store/blobs/byte-semaphore.ts'
import { memoryValues, openWorkshop, gate as point, tool } from '../../workshop.ts'

const LARGE = 'x'.repeat(100_000)

/** Values that tell their size. */
function sized() {
  const values = memoryValues()
  return { ...values, size: async (hash: string) => JSON.stringify(values.all.get(hash)).length }
}

describe('steps that read large values', () => {
  test('hold bytes until their results are stored, and never more of them than there is room for', async () => {
    const bytes = createByteSemaphore(3_000_000)
    let most = 0
    let together = 0
    const full = point()
    const look = tool('look', async ({ text }) => {
      most = Math.max(most, bytes.counts().bytes)
      together++
      // as many as there is room for are at work at once, and the others wait
      if (together === 2) void full.arrive()
      await full.reached
      together--
      return { length: String(text).length }
    })
    const { run } = openWorkshop({ tools: [look], values: sized(), workers: 100, services: { gate: bytes } })
    const end = await run(
      `
name: x
inputs: { q: { type: string }, xs: { type: array } }
steps: [{ id: each, for_each: "{{ xs }}", max_parallel: 20, steps: [{ id: go, tool: look, parameters: { text: "{{ q }}" } }] }]
outputs: { n: "{{ each.iterations }}" }`,
      { q: LARGE, xs: Array.from({ length: 20 }, (_, n) => n) },
    )
    expect(end).toMatchObject({ status: 'completed', outputs: { n: 20 } })
    expect(most).toBeGreaterThan(0)
    expect(most).toBeLessThanOrEqual(3_000_000)
    expect(bytes.counts()).toEqual({ bytes: 0, waiting: 0 })
  })

  test('weigh what a loop names, and not only what it holds', async () => {
    const seen: number[] = []
    const bytes = createByteSemaphore(1_000_000_000)
    const look = tool('look', () => {
      seen.push(bytes.counts().bytes)
      return {}
    })
    const { run } = openWorkshop({ tools: [look], values: sized(), services: { gate: bytes } })
    await run(
      `
name: x
inputs: { xs: { type: array } }
steps:
  - { id: each, for_each: "{{ xs }}", steps: [{ id: go, tool: say, parameters: { text: "{{ '${'x'.repeat(10)}' * 4000 }}" } }] }
  - { id: after, tool: look, parameters: { n: "{{ each.iterations }}" }, dependencies: [each] }`,
      { xs: [1, 2, 3] },
    )
    // three values, each with a result and parameters of 40 KB
    expect(seen[0]).toBeGreaterThan(3 * 2 * 40_000)
  })

  test('give their bytes back when they fail', async () => {
    const bytes = createByteSemaphore(1_000_000)
    const { run } = openWorkshop({ values: sized(), services: { gate: bytes } })
    const text = `
name: x
inputs: { q: { type: string } }
steps: [{ id: go, tool: fail, parameters: { message: "{{ q | length }}" } }]`
    expect(await run(text, { q: LARGE })).toMatchObject({ status: 'failed' })
    expect(bytes.counts()).toEqual({ bytes: 0, waiting: 0 })
  })
})

import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { openRuntime, startOf } from '../../bench/engine/pipeline.ts'
import { findLoad, nameOf, type Shape } from '../../bench/pipeline/loads.ts'
import { ROWS } from '../../bench/pipeline/rows.ts'
import { doneIn, writeShape } from '../../bench/pipeline/shapes.ts'
import { systemClock } from '../../src/engine/engine.ts'
import type { Runtime } from '../../src/runtime/ports.ts'

let folder: string
let runtime: Runtime
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'antiphon-cost-'))
  // how many turns a step takes depends on how quick its tool was, which a busy machine is no measure of
  runtime = await openRuntime(folder, { durability: 'process' }, { clock: { ...systemClock, elapsed: () => 0 } })
})
afterAll(async () => {
  await runtime.stop()
  await rm(folder, { recursive: true, force: true })
})

/** What a run of that shape costs per step: turns, and bytes of the log. */
async function costOf(shape: Shape, steps: number): Promise<{ readonly turns: number; readonly bytes: number }> {
  const start = await startOf(runtime, await writeShape(folder, { shape, steps }))
  const before = { ...runtime.status().engine! }
  const id = `${shape}-${steps}`
  const end = await runtime.engine.ask({ kind: 'run', key: id }, start, { id })
  expect(end).toMatchObject({ status: 'completed', done: doneIn({ shape, steps }) })
  const { turns, bytes } = runtime.status().engine!
  return { turns: (turns - before.turns) / steps, bytes: (bytes - before.bytes) / steps }
}

it.each(['chain', 'fan', 'each'] as const)(
  'a step of a %s costs as many turns and bytes in a run of 600 as in one of 60',
  async (shape) => {
    const [short, long] = [await costOf(shape, 60), await costOf(shape, 600)]
    expect(long.turns).toBeLessThan(1.1 * short.turns)
    expect(long.bytes).toBeLessThan(1.3 * short.bytes)
  },
)

it.each([
  ['chain', 11],
  // the first step, those beside each other, the last one, and the end
  ['fan', 4],
  // all items, and the end: what the loop comes to is told with that
  ['each', 2],
] as const)('a %s of 10 quick steps waits for the disk %i times', async (shape, times) => {
  const start = await startOf(runtime, await writeShape(folder, { shape, steps: 10 }))
  const counted: number[] = []
  for (let n = 0; n < 3; n++) {
    const { flushes } = runtime.status().engine!
    const id = `waits-${shape}-${n}`
    await runtime.engine.ask({ kind: 'run', key: id }, start, { id })
    counted.push(runtime.status().engine!.flushes - flushes)
  }
  // the process has something of its own to write once
  expect(Math.min(...counted)).toBe(times)
})

it('each measurement is a load, and is compared with one that is not larger', () => {
  for (const { ours, against } of ROWS)
    for (const { measurement } of [{ measurement: ours }, ...against]) {
      const name = measurement.slice(measurement.indexOf('/') + 1)
      expect(nameOf(findLoad(name)!)).toBe(name)
      expect(findLoad(name)!.steps).toBeLessThanOrEqual(findLoad(ours.slice(ours.indexOf('/') + 1))!.steps)
    }
})

import { expect, it } from 'vitest'
import { simulatedClock } from '../../src/testing/clock.ts'
import { createPool } from '../../src/worker/pool/pool.ts'
import { fc, runs } from '../property.ts'
import { moves, play } from './crowd.ts'

it('for any events, no worker exceeds its slots, each task ends once, none is skipped, and closing drains', async () => {
  await fc.assert(
    fc.asyncProperty(moves, (given) => play(given)),
    runs(150),
  )
})

it('so it is where shares have limits', async () => {
  const rate = { tasks: 2, ms: 700 }
  const limits = fc.constantFrom({ running: 1 }, { running: 2, rate }, { rate })
  await fc.assert(
    fc.asyncProperty(moves, limits, (given, shareLimit) => play(given, { shareLimit })),
    runs(100),
  )
})

it('a share never has more at once, nor begins more within its time, than it may', async () => {
  const tasks = fc.array(fc.record({ share: fc.constantFrom('a', 'b'), ms: fc.nat(300), pause: fc.nat(100) }), {
    maxLength: 40,
  })
  const limit = fc.record({ running: fc.integer({ min: 1, max: 3 }), tasks: fc.integer({ min: 1, max: 4 }) })
  await fc.assert(
    fc.asyncProperty(tasks, limit, async (given, { running, tasks: most }) => {
      const clock = simulatedClock()
      const shareLimit = { running, rate: { tasks: most, ms: 1_000 } }
      const pool = createPool({ id: 'text_step_pool', workers: 5, queue: 100, clock, shareLimit })
      const begun: { readonly share: string; readonly at: number }[] = []
      const busy = { a: 0, b: 0 }
      const all = []
      for (const { share, ms, pause } of given) {
        await clock.advance(pause)
        const run = () => {
          expect(++busy[share]).toBeLessThanOrEqual(running)
          const at = clock.elapsed()
          const near = begun.filter((other) => other.share === share && other.at > at - 1_000)
          expect(near.length).toBeLessThan(most)
          begun.push({ share, at })
          return new Promise<void>((resolve) => clock.after(ms, resolve)).finally(() => busy[share]--)
        }
        all.push(pool.submit({ signal: new AbortController().signal, share, run }))
      }
      await clock.advance(60_000)
      await Promise.all(all)
      expect(begun).toHaveLength(given.length)
    }),
    runs(60),
  )
})

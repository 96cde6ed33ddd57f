import { describe, expect, it, onTestFinished } from 'vitest'
import { type RestateOptions, restateEngine } from '../../../src/engine/restate/engine.ts'
import type { Json } from '../../../src/kernel/schema.ts'
import { actor, numbers, ref } from '../../../src/testing/conformance/actors.ts'
import { describeOnRestate, useRestate } from './server.ts'

/** Tells as many events as it is asked to, and answers how many it has told. */
const teller = actor('teller', 0, (told, count: number) => ({
  state: told + count,
  events: numbers(count).map((n) => told + n),
  reply: told + count,
}))
const TELLER = ref('teller')

describeOnRestate('an engine whose turns another node takes', () => {
  const server = useRestate()

  /** Two engines of one namespace: one takes the turns, the other only looks and asks. */
  async function openTwo(namespace: string, options: Partial<RestateOptions> = {}) {
    const given = { ...server.now(), namespace, actors: [teller], ...options }
    const [worker, other] = [restateEngine(given), restateEngine(given)]
    onTestFinished(() => Promise.all([worker.stop({ grace: 0 }), other.stop({ grace: 0 })]).then(() => {}))
    await worker.start()
    return { worker, other }
  }

  describe('events', () => {
    it('are seen within a second of their turns, all of them and in order, until the actor is gone', async () => {
      const { worker, other } = await openTwo('events')
      const seen: { readonly body: Json; readonly at: number }[] = []
      const ended = (async () => {
        for await (const { body } of other.view.events(TELLER)) seen.push({ body, at: performance.now() })
      })()
      const answered = new Map<number, number>()
      for (let round = 0; round < 8; round++) {
        const told = (await worker.ask(TELLER, 3)) as number
        answered.set(told, performance.now())
        // long enough for it to look less often
        if (round % 4 === 0) await expect.poll(() => seen.length, { timeout: 1_000, interval: 5 }).toBe(told)
      }
      await expect.poll(() => seen.length, { timeout: 1_000, interval: 5 }).toBe(24)
      expect(seen.map(({ body }) => body)).toEqual(numbers(24))
      const lags = [...answered].map(([told, at]) => seen[told - 1]!.at - at)
      expect(Math.max(...lags)).toBeLessThan(1_000)
      await worker.tell(TELLER, null, { type: 'stop' })
      await ended
    })

    it('end with their actor, also when its next life has told more by then', async () => {
      const { worker, other } = await openTwo('lives')
      await worker.ask(TELLER, 2)
      const events = other.view.events(TELLER)[Symbol.asyncIterator]()
      expect([await events.next(), await events.next()]).toMatchObject([{ value: { n: 1 } }, { value: { n: 2 } }])
      await worker.tell(TELLER, null, { type: 'stop' })
      expect(await worker.ask(TELLER, 5)).toBe(5)
      expect(await events.next()).toEqual({ done: true, value: undefined })
    })
  })
})

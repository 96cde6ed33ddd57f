import { expect, it } from 'vitest'
import { PRIORITIES, type Priority } from '../../src/lib/priority.ts'
import { fc } from '../property.ts'
import { createTasks, simulatedPool } from './held.ts'

const waiting = fc.record(
  { share: fc.constantFrom('a', 'b', 'c'), priority: fc.constantFrom(...PRIORITIES), later: fc.nat({ max: 3 }) },
  { requiredKeys: ['later'] },
)

type Given = { readonly later: number; readonly share?: string; readonly priority?: Priority }

/** What the places say before the first of them begins, and in which order they begin. */
async function placesAndOrder(given: readonly Given[]) {
  const { pool, clock, settle } = simulatedPool({ ageing: 1_000 })
  const { task, begun, end } = createTasks()
  const all = [pool.submit(task('first'))]
  for (const [at, { later, ...rest }] of given.entries()) {
    await clock.advance(later * 700)
    all.push(pool.submit(task(`${at}`, { key: `${at}`, ...rest })))
  }
  const places = given.map((_, at) => pool.placeOf(`${at}`))
  for (let at = 0; at < all.length; at++) {
    end(begun[at]!)
    await settle()
  }
  await Promise.all(all)
  return { places, order: given.map((_, at) => begun.indexOf(`${at}`)) }
}

it('a task goes before a later, more urgent one if an older task of its priority does', async () => {
  const given: Given[] = [
    { share: 'a', priority: 'high', later: 0 },
    { share: 'a', priority: 'high', later: 0 },
    { share: 'b', priority: 'high', later: 1 },
    { share: 'a', priority: 'critical', later: 1 },
  ]
  expect(await placesAndOrder(given)).toEqual({ places: [1, 3, 2, 4], order: [1, 3, 2, 4] })
})

it('the place of each is how many begin before it', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(waiting, { maxLength: 12 }), async (given) => {
      const { places, order } = await placesAndOrder(given)
      expect(places).toEqual(order)
    }),
  )
})

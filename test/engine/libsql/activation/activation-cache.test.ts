import { expect, test } from 'vitest'
import { createActivation } from '../../../../src/engine/libsql/activation/activation.ts'
import { createActivationCache } from '../../../../src/engine/libsql/activation/activation-cache.ts'
import type { Database } from '../../../../src/store/database/database.ts'
import { actor, ref } from '../../../../trials/conformance/actors.ts'
import { createPath, openEngine } from '../open.ts'

const counter = actor('counter', 0, (count) => ({ state: count + 1, reply: count + 1 }))

test('the cache keeps the actors that were saved last, within its limit', () => {
  const gone: string[] = []
  const recent = createActivationCache(({ name }) => gone.push(name), 10_000)
  const [a, b, c, large] = ['a', 'b', 'c', 'large'].map((name) => createActivation(name, undefined, true))
  for (const resident of [a!, b!, c!]) recent.add(resident, 2_000)
  // saved once more, it is not the oldest any longer, nor does it count twice
  recent.add(a!, 2_500)
  expect(gone).toEqual([])
  recent.add(large!, 4_000)
  expect(gone).toEqual(['b', 'c'])
  recent.add(b!, 20_000)
  expect(gone).toEqual(['b', 'c', 'a', 'large', 'b'])
})

test('an actor that is used again and again is not read again after each checkpoint', async () => {
  const read: string[] = []
  const between = (database: Database): Database => ({
    ...database,
    first(sql, parameters) {
      read.push(sql)
      return database.first(sql, parameters)
    },
  })
  const checkpoint = { bytes: 1, chunk: 1, trim: 1 }
  const readsOf = async (cacheBytes: number) => {
    const engine = await openEngine(createPath(), {
      actors: [counter],
      checkpoint: { ...checkpoint, cacheBytes },
      between,
    })
    await engine.start()
    read.length = 0
    for (let n = 1; n <= 10; n++) expect(await engine.ask(ref('counter', 'one'), null)).toBe(n)
    return { reads: read.length, residents: engine.counts.residents }
  }
  const { reads } = await readsOf(0)
  expect(reads).toBeGreaterThan(5)
  expect(await readsOf(10_000)).toEqual({ reads: 0, residents: 1 })
})

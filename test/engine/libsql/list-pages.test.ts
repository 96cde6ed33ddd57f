import { expect, test } from 'vitest'
import { actor } from '../../../trials/conformance/actors.ts'
import { createPath, openEngine } from './open.ts'

type Item = { readonly at: number; readonly status: string }

/** An actor whose messages are its index. The message `end` deletes it. */
const item = actor<Item, Item | 'end'>('item', { at: 0, status: 'new' }, (_, told) =>
  told === 'end' ? { stop: true, reply: null } : { state: told, index: told, reply: null },
)

const COUNT = 400
const key = (n: number) => `k${String(n).padStart(4, '0')}`

test('a page is the beginning of the whole list, whatever the actors in memory hide', async () => {
  const path = createPath()
  const tell = (engine: Awaited<ReturnType<typeof openEngine>>, n: number, told: Item | 'end') =>
    engine.ask({ kind: 'item', key: key(n) }, told as never)
  const first = await openEngine(path, { actors: [item], checkpoint: { bytes: 1, chunk: 1000, trim: 1 } })
  for (let n = 0; n < COUNT; n++) await tell(first, n, { at: n, status: n % 3 === 0 ? 'open' : 'done' })
  await first.stop()
  const engine = await openEngine(path, { actors: [item] })
  // the newest rows are hidden: they move to the end, match no more, or are gone; others come to the front
  for (let n = COUNT - 150; n < COUNT; n++)
    await tell(engine, n, n % 4 === 0 ? 'end' : { at: n % 2 === 0 ? -n : n, status: n % 5 === 0 ? 'open' : 'gone' })
  for (let n = 0; n < 5; n++) await tell(engine, n, { at: 10_000 + n, status: 'open' })

  const { view } = engine
  const keysOf = async (query: object) => (await view.list('item', query)).map((one) => one.key)
  for (const query of [
    { sort: 'at', descending: true },
    { sort: 'at', descending: true, where: { status: 'open' } },
    { sort: 'at', where: { status: 'done' } },
    {},
    { descending: true, where: { status: 'open' } },
  ]) {
    const all = await keysOf(query)
    expect(all.length).toBeGreaterThan(80)
    for (const limit of [1, 7, 60, all.length, 1000])
      expect([query, limit, await keysOf({ ...query, limit })]).toEqual([query, limit, all.slice(0, limit)])
    const page = await view.list('item', { ...query, limit: 20 })
    const last = page.at(-1)!
    const after = { after: last.key, ...('sort' in query && { at: last.index.at as number }) }
    expect(await keysOf({ ...query, ...after, limit: 30 })).toEqual(all.slice(20, 50))
  }
})

import { expect, test } from 'vitest'
import type { Database } from '../../../src/store/database/database.ts'
import { actor, ref, takeFirst } from '../../../trials/conformance/actors.ts'
import { createPath, openEngine } from './open.ts'

const TELLER = actor('teller', 0, (told) => ({ state: told + 1, events: [`told ${told + 1}`], reply: told + 1 }))

test('a follower close to the newest event reads no table', async () => {
  let reads = 0
  const between = (database: Database): Database => ({
    ...database,
    all(...given) {
      if (given[0].includes('from event')) reads++
      return database.all(...given)
    },
  })
  const path = createPath()
  const { ask, view, stop } = await openEngine(path, { actors: [TELLER], between })
  for (let n = 0; n < 5; n++) await ask(ref('teller'), null)
  const bodies = async (after: number) =>
    (await takeFirst(view.events(ref('teller'), { after }), 5 - after)).map(({ body }) => body)
  expect(await bodies(2)).toEqual(['told 3', 'told 4', 'told 5'])
  expect(reads).toBe(0)
  await stop()
})

test('events that left memory are read from the table, and the later ones from memory', async () => {
  const { ask, view } = await openEngine(createPath(), {
    actors: [TELLER],
    checkpoint: { bytes: 1, chunk: 10, trim: 10 },
  })
  for (let n = 0; n < 5; n++) await ask(ref('teller'), null)
  for (const after of [0, 3, 4]) {
    const events = await takeFirst(view.events(ref('teller'), { after }), 5 - after)
    expect(events.map(({ n }) => n)).toEqual([1, 2, 3, 4, 5].slice(after))
  }
})

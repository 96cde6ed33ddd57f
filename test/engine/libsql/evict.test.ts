import { expect, test } from 'vitest'
import type { Database } from '../../../src/store/database/database.ts'
import { until } from '../../../src/testing/index.ts'
import { actor, ref } from '../../../trials/conformance/actors.ts'
import { createPath, openEngine } from './open.ts'

const counter = actor('counter', 0, (count, message) => {
  if (message === 'end') return { stop: true, reply: count }
  return { state: count + 1, reply: count + 1 }
})
const [FIRST, LATER, OTHER] = [ref('counter', 'a'), ref('counter', 'b'), ref('counter', 'c')]

/** A disk that can be held: a flush waits until it is let go. */
function heldDisk() {
  const started = Promise.withResolvers<void>()
  let letGo = () => {}
  let isHeld = false
  const between = (database: Database): Database => ({
    ...database,
    write(write) {
      if (!isHeld) return database.write(write)
      letGo = () => database.write(write)
      isHeld = false
      started.resolve()
    },
  })
  const hold = () => void (isHeld = true)
  return { between, hold, started: started.promise, letGo: () => letGo() }
}

test('an actor that ended does not come back while its row leaves the table', async () => {
  const disk = heldDisk()
  const checkpoint = { bytes: 1, chunk: 1, trim: 1 }
  const engine = await openEngine(createPath(), { actors: [counter], checkpoint, between: disk.between })
  expect(await engine.ask(LATER, null)).toBe(1)
  // the flush that ends it moves another one into the table: its own row leaves with the next
  await Promise.all([engine.ask(FIRST, null), engine.ask(LATER, 'end')])
  disk.hold()
  const other = engine.ask(OTHER, null)
  await disk.started
  const { turns } = engine.counts
  const cancelled = engine.cancel(LATER, 'nothing', 'so that it has been busy')
  await until(() => engine.counts.turns > turns)
  const later = engine.ask(LATER, null)
  await until(() => engine.counts.turns > turns + 1)
  disk.letGo()
  await Promise.all([other, cancelled])
  expect(await later).toBe(1)
})

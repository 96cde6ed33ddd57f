import { expect, test } from 'vitest'
import { gate } from '../../../src/testing/gate.ts'
import { until } from '../../../src/testing/until.ts'
import { setUp } from '../../chain/fixture.ts'

const thread = { kind: 'chain', key: 't' }

test('a thread goes with its phases when it is asked to, and says so', async () => {
  const { ask, engine, disk } = setUp()
  await ask('why?')
  expect(disk.cells.has('chain/t')).toBe(true)
  expect(await engine.ask(thread, { type: 'expire' })).toBe(true)
  await until(() => disk.cells.size === 0)
  expect([...disk.parts.keys()]).toEqual([])
})

test('one on which something is asked stays, and answers', async () => {
  const held = gate()
  const { ask, engine, model } = setUp({ script: { action: { gate: held.pass(), reply: 'first answer' } } })
  const asked = ask('why?')
  await until(() => model.calls.length === 1)
  expect(await engine.ask(thread, { type: 'expire' })).toBe(false)
  held.release()
  expect((await asked).status).toBe('completed')
})

import { expect, test } from 'vitest'
import { gate } from '../../src/testing/gate.ts'
import { openWorkshop, tool } from './workshop.ts'

const ONE = 'name: one\nsteps:\n  - { id: a, tool: wait }\n'
const run = { kind: 'run', key: 'run_1' }

test('a run that is over goes with all that is kept of it when it is asked to, and says so', async () => {
  const { engine, disk, run: perform } = openWorkshop({ tools: [tool('wait', () => 'done')] })
  await perform(ONE)
  expect(disk.parts.get('run/run_1')?.size).toBeGreaterThan(0)
  expect(await engine.ask(run, { type: 'expire' })).toBe(true)
  for (const table of [disk.cells, disk.parts, disk.events]) expect(table.has('run/run_1')).toBe(false)
})

test('one that is at work stays, and comes to its end', async () => {
  const held = gate()
  const { engine, start, events } = openWorkshop({ tools: [tool('wait', () => held.pass().then(() => 'done'))] })
  await start(ONE)
  await held.started
  expect(await engine.ask(run, { type: 'expire' })).toBe(false)
  held.release()
  expect((await events('run_1')).at(-1)).toMatchObject({ type: 'run-end', status: 'completed' })
})

test('one that never was leaves no trace', async () => {
  const { engine, disk } = openWorkshop()
  expect(await engine.ask(run, { type: 'expire' })).toBe(true)
  expect(disk.cells.size).toBe(0)
  expect(await engine.deadLetters.list()).toEqual([])
})

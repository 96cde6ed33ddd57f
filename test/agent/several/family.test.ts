import { expect, test } from 'vitest'
import { systemClock } from '../../../src/engine/engine.ts'
import type { Branch } from '../../../src/runtime/ports/inspector.ts'
import { until } from '../../../src/testing/until.ts'
import { answer, call } from '../goal/folder.ts'
import { once, openTeam } from './team.ts'

const namesIn = ({ of, branches }: Branch): readonly string[] => [of, ...branches.flatMap(namesIn)]
/** A clock with which no collection begins by itself a second after the start. */
const WITHOUT_BACKGROUND = {
  ...systemClock,
  after: (delay: number, ring: () => void) => (delay < 1000 ? systemClock.after(delay, ring) : () => {}),
}
const ASK = call('agent_reviewer', { goal: 'Go.' })
const HAND_OFF = call('hand_off_writer', {})

test('a tree shows the runs of a goal, and the goals below them', async () => {
  const { runtime } = await openTeam([ASK, HAND_OFF, once('written'), answer('well')])
  await runtime.goals.start({ agent: 'lead', goal: 'Go.', id: 'g' })
  await runtime.idle()
  const [tree] = await runtime.inspector.tree('g')
  expect(tree).toMatchObject({ of: 'agent/g', branches: [{ of: 'run/g.1', status: 'completed' }] })
  expect(namesIn(tree!)).toEqual([
    ...['agent/g', 'run/g.1', 'step/g.1.call_1'],
    ...['agent/g.1.call_1', 'agent/g.1.call_1.1.hand_off'],
  ])
})

test('goals below are kept as long as the one above, and go with it', async () => {
  const { runtime } = await openTeam(
    [ASK, HAND_OFF, once('written'), once('well'), answer('two')],
    undefined,
    'retention: { runs: 1 }\n',
    WITHOUT_BACKGROUND,
  )
  await runtime.goals.start({ agent: 'lead', goal: 'Go.', id: 'a' })
  await runtime.idle()
  expect((await runtime.maintenance.gc()).items).toEqual([])
  expect(await runtime.goals.list()).toHaveLength(3)
  await runtime.goals.start({ agent: 'writer', goal: 'Go.', id: 'b' })
  // what is still at work is left to a later collection
  const items = await until(async () => {
    const gone = await runtime.maintenance.gc()
    return gone.items.length > 0 ? gone.items : undefined
  })
  expect(items).toMatchObject([
    {
      what: 'goal',
      why: 'the goal above it goes',
      ids: ['a.1.call_1.1.hand_off', 'a.1.call_1'],
    },
    { what: 'run', why: 'the goal above it goes', ids: ['a.1'] },
    { what: 'goal', why: 'more than 1 are finished', ids: ['a'] },
  ])
  expect((await runtime.goals.list()).map(({ id }) => id)).toEqual(['b'])
})

test('a goal that a step asked for goes with the run', async () => {
  const { runtime } = await openTeam([answer('well')], undefined, 'retention: { runs: 1 }\n')
  const text = 'name: ask\nsteps:\n  - { id: write, action: agent, parameters: { agent: writer, goal: Go. } }\n'
  for (const id of ['a', 'b']) {
    await runtime.runs.start({ source: { text }, id })
    await runtime.idle()
  }
  const [tree] = await runtime.inspector.tree('b')
  expect(namesIn(tree!)).toContain('agent/b.write')
  await runtime.maintenance.gc()
  expect((await runtime.goals.list()).map(({ id }) => id)).toEqual(['b.write'])
})

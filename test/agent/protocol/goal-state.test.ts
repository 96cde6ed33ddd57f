import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { goalActor } from '../../../src/agent/goal/goal-actor.ts'
import type { AgentServices } from '../../../src/agent/goal/services.ts'
import {
  type Calling,
  goalIndex,
  NEW_GOAL,
  peekGoal,
  readGoalState,
  type Thinking,
  type Waiting,
} from '../../../src/agent/protocol/state.ts'
import type { StoredGoal } from '../../../src/agent/protocol/stored-goal.ts'
import type { ActorIndex } from '../../../src/kernel/types.ts'

/** States and index entries that goals have stored. */
const RECORDED: readonly { readonly state: StoredGoal; readonly index: ActorIndex }[] = JSON.parse(
  readFileSync(new URL('./goal-states.json.golden', import.meta.url), 'utf8'),
)

const BASE = { ...NEW_GOAL, agent: 'clerk' }

test('each status of a goal has a recorded state', () => {
  const statuses = new Set(RECORDED.map(({ state }) => state.status))
  expect([...statuses].sort()).toEqual(
    ['thinking', 'acting', 'waiting', 'paused', 'handed_off', 'undoing', 'completed', 'failed', 'cancelled'].sort(),
  )
})

test('reading a stored state gives the same object, unchanged', () => {
  for (const { state, index } of RECORDED) {
    const before = JSON.stringify(state)
    const read = readGoalState(state, 'g')
    expect(read).toBe(state)
    expect(JSON.stringify(read)).toBe(before)
    expect(goalIndex(read)).toEqual(index)
  }
})

test.each<[string, object]>([
  ['acting without run', { ...BASE, status: 'acting' }],
  ['waiting without wait', { ...BASE, status: 'waiting' }],
  ['handed_off without handedTo', { ...BASE, status: 'handed_off' }],
  ['undoing without problem', { ...BASE, status: 'undoing', run: 'g.1', undo: { next: 0, undone: 0, failed: 0 } }],
])('a stored goal that is %s is damaged', (why, state) => {
  const message = `The stored data of agent/g (${why}) is damaged.`
  expect(() => readGoalState(state as never, 'g')).toThrow(message)
  expect(() => goalActor({} as AgentServices).check!(state as never, 'g')).toThrow(message)
})

test('a stored value without a status of goals is damaged', () => {
  for (const stored of [null, 'text', [], {}, { ...BASE, status: 'asleep' }, { ...BASE, status: 'toString' }])
    expect(() => readGoalState(stored as never, 'g')).toThrow('The stored data of agent/g is damaged.')
})

test('a goal without a state is read as undefined', async () => {
  expect(await peekGoal({ peek: async () => undefined }, 'g')).toBeUndefined()
  expect(await peekGoal({ peek: async () => NEW_GOAL as never }, 'g')).toBe(NEW_GOAL)
})

test('the compiler finds a field that does not belong to a status', () => {
  const calling = { ...NEW_GOAL, status: 'acting', run: 'g.1' } satisfies Calling
  const waiting: Waiting = { ...NEW_GOAL, status: 'waiting', wait: { type: 'stuck', title: 'It repeats.', since: 1 } }
  // @ts-expect-error a goal that thinks has no run
  const withRun: Thinking = { ...calling, status: 'thinking' }
  // @ts-expect-error a goal that thinks has no wait
  const withWait: Thinking = { ...waiting, status: 'thinking' }
  // @ts-expect-error a goal that makes calls names their run
  const withoutRun: Calling = { ...NEW_GOAL, status: 'acting' }
  expect([withRun, withWait, withoutRun]).toHaveLength(3)
})

import { describe, expect, it } from 'vitest'
import {
  afterChildDown,
  missingChildren,
  newState,
  type SupervisorState,
} from '../../../src/kernel/supervisor/children.ts'
import { parseStart } from '../../../src/kernel/supervisor/spec.ts'

const INTENSITY = { restarts: 2, within: 1_000 }
const children = ['a', 'b', 'c'].map((key) => ({ actor: { kind: 'child', key }, start: null }))
const UP = ['child/a', 'child/b', 'child/c']

/** A supervisor whose children are up; `child/a` then fails at these times, and is up again each time. */
function failing(...times: readonly number[]): SupervisorState {
  const started = newState(parseStart({ type: 'start', intensity: INTENSITY, children }), 'work')
  return times.reduce(failOnce, { ...started, up: UP })
}

function failOnce(state: SupervisorState, now: number): SupervisorState {
  const failed = afterChildDown(state, { child: 'child/a', reason: 'failed' }, now)
  const stopped = afterChildDown(failed, { child: 'child/a', reason: 'stopped' }, now)
  return stopped.goal.type === 'start' ? { ...stopped, up: UP } : stopped
}

describe('the intensity of a supervisor', () => {
  it('allows restarts up to the limit, and escalates the next one', () => {
    expect(failing(0, 1).goal).toEqual({ type: 'start' })
    expect(failing(0, 1, 2)).toMatchObject({
      goal: { type: 'escalate', problem: { code: 'restart_intensity' } },
      stopping: ['child/c', 'child/b'],
    })
  })

  it('looks only so far back', () => {
    expect(failing(0, 1, 1_001, 1_002, 2_001, 2_002).goal).toEqual({ type: 'start' })
    expect(failing(0, 1, 999).goal).toMatchObject({ type: 'escalate' })
  })
})

it('a child that went down is missing until it is started again', () => {
  const { actor } = children[0]!
  const down = afterChildDown(failing(), { child: 'child/a', reason: 'stopped' }, 0)
  expect(missingChildren(down)).toMatchObject([{ actor }])
})

import { expect, it } from 'vitest'
import { createLiveRuns, type LiveRun } from '../../src/workflow/live/live-runs.ts'

const live = (seen: LiveRun['seen']) => ({ seen }) as LiveRun

it('a function that saw a turn which another node did not commit is dropped, also if the number of turns is the same', () => {
  const runs = createLiveRuns()
  const function_ = live({ turns: 2, last: 'a' })
  runs.put('r', function_)
  expect(runs.peek('r', { turns: 2, last: 'a' })).toBe(function_)
  expect(runs.take('r', { turns: 2, last: 'b' })).toBe(undefined)
  expect(runs.peek('r')).toBe(undefined)
})

import picocolors from 'picocolors'
import { expect, it } from 'vitest'
import { askLine, runLine, standing } from '../../src/cli/lines.ts'
import { followRun, unstarted } from '../../src/cli/progress.ts'
import type { Json } from '../../src/kernel/schema.ts'

const colors = picocolors.createColors(false)

it('says each step, and of a loop only its counts and what failed', () => {
  let progress = unstarted
  const lines: (string | undefined)[] = []
  const events: Json[] = [
    { type: 'run-start', name: 'p', steps: 2 },
    { type: 'step-start', step: 'each' },
    { type: 'loop-start', step: 'each', iterations: 1, steps: 2 },
    { type: 'step-end', step: 'each_0_a', status: 'completed', ms: 1 },
    { type: 'step-end', step: 'each_0_b', status: 'failed', ms: 1, problem: { message: 'no file' } },
    { type: 'step-end', step: 'each', status: 'completed', ms: 0 },
    { type: 'step-end', step: 'last', status: 'skipped', ms: 0 },
  ]
  for (const event of events) {
    progress = followRun(progress, event)
    lines.push(runLine(progress, event, colors))
  }
  expect(lines.filter((line) => line !== undefined)).toEqual([
    'p: 2 steps',
    '  each: 1 time, 2 steps in all',
    '  ✗ each_0_b  failed: no file',
    '  ✓ each  1 step done, 1 failed',
    '  - last  skipped',
  ])
  expect(standing(progress)).toBe('  2 of 4 steps done, 1 failed, 0 running, 0 queued')
})

it('says the phases of an ask and why it loops', () => {
  const end = { type: 'phase-end', phase: 'action', cycle: 1, status: 'completed', text: '', model: 'm', ms: 3 }
  expect(askLine(end, colors)).toBe('  ✓ action  3 ms')
  expect(askLine({ type: 'decision', decision: 'loop', target: 'intention', reason: 'thin' }, colors)).toBe(
    '  back to intention: thin',
  )
  expect(askLine({ type: 'phase-start', phase: 'action', cycle: 1 }, colors)).toBeUndefined()
})

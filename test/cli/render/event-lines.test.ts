import picocolors from 'picocolors'
import { expect, it } from 'vitest'
import { applyRunEvent, INITIAL_RUN_PROGRESS } from '../../../src/cli/progress/run-progress.ts'
import { askLine, runLine, runStatusLine } from '../../../src/cli/render/event-lines.ts'
import type { Json } from '../../../src/kernel/schema.ts'

const colors = picocolors.createColors(false)

it('prints each step, but for a loop only its counts and failures', () => {
  let progress = INITIAL_RUN_PROGRESS
  const lines: (string | undefined)[] = []
  const events: Json[] = [
    { type: 'run-start', name: 'p', steps: 5 },
    { type: 'step-start', step: 'each' },
    { type: 'loop-start', step: 'each', iterations: 1, steps: 2 },
    { type: 'step-end', step: 'each_0_a', status: 'completed', ms: 1 },
    { type: 'step-end', step: 'each_0_b', status: 'failed', ms: 1, problem: { message: 'no file' } },
    { type: 'step-end', step: 'each', status: 'completed', ms: 0 },
    { type: 'step-end', step: 'last', status: 'skipped', ms: 0 },
    {
      type: 'step-end',
      step: 'lost',
      status: 'failed',
      ms: 0,
      problem: { message: 'no file' },
      failedHandlers: [{ by: 'mend', problem: { message: 'no disk' } }],
    },
    { type: 'step-end', step: 'known', status: 'completed', ms: 0, reused: true },
    { type: 'loop-start', step: 'taken', iterations: 2, steps: 2 },
    { type: 'step-end', step: 'taken_0_a', status: 'completed', ms: 0, reused: true },
    { type: 'step-end', step: 'taken_1_a', status: 'completed', ms: 0, reused: true },
    { type: 'step-end', step: 'taken', status: 'completed', ms: 0 },
    { type: 'loop-start', step: 'partly', iterations: 2, steps: 2 },
    { type: 'step-end', step: 'partly_0_a', status: 'completed', ms: 0, reused: true },
    { type: 'step-end', step: 'partly_1_a', status: 'completed', ms: 3 },
    { type: 'step-end', step: 'partly', status: 'completed', ms: 0 },
  ]
  for (const event of events) {
    progress = applyRunEvent(progress, event)
    lines.push(runLine(progress, event, colors))
  }
  expect(lines.filter((line) => line !== undefined)).toEqual([
    'p: 5 steps',
    '  each: 1 iteration, 2 steps',
    '  ✗ each_0_b  failed: no file',
    '  ✓ each  1 step done, 1 failed',
    '  - last  skipped',
    '  ✗ lost  failed: no file, mend failed, too: no disk',
    '  ✓ known  reused',
    '  taken: 2 iterations, 2 steps',
    '  ✓ taken  2 steps reused, 0 failed',
    '  partly: 2 iterations, 2 steps',
    '  ✓ partly  2 steps done (1 reused), 0 failed',
  ])
  expect(runStatusLine(progress)).toBe('  9 of 11 steps done, 2 failed, 0 running, 0 queued')
})

it('does not count the steps of a workflow before they begin', () => {
  const start = { type: 'run-start', name: 'order', steps: 0 }
  const progress = applyRunEvent(INITIAL_RUN_PROGRESS, start)
  expect(runLine(progress, start, colors)).toBe('order')
  expect(runStatusLine(progress)).toBe('  0 steps done, 0 running, 0 queued')
})

it('names the decision that an ask waits for, and the command that gives it', () => {
  const proposal = { type: 'decision-wait', decision: 'loop', target: 'experience', reason: 'needs information' }
  const words = '  - waits for a decision: Understanding proposes to go round again from experience: needs information'
  expect(askLine(proposal, colors, 'antiphon decide ask_1 accept')).toBe(
    `${words} (to continue: antiphon decide ask_1 accept)`,
  )
  expect(askLine(proposal, colors)).toBe(`${words} (to continue: antiphon inbox)`)
})

it('says the phases of an ask and why it loops', () => {
  const end = { type: 'phase-end', phase: 'action', cycle: 1, status: 'completed', text: '', model: 'm', ms: 3 }
  expect(askLine(end, colors)).toBe('  ✓ action  3 ms')
  expect(askLine({ type: 'decision', decision: 'loop', target: 'intention', reason: 'thin' }, colors)).toBe(
    '  back to intention: thin',
  )
  expect(askLine({ type: 'phase-start', phase: 'action', cycle: 1 }, colors)).toBeUndefined()
  const wait = (tries: number) => ({
    type: 'ask-wait',
    phase: 'action',
    cycle: 1,
    until: 0,
    problem: {
      code: 'model_unavailable',
      name: 'RetryableError',
      message: 'no answer',
      hint: 'Start it.',
      data: { tries },
    },
  })
  expect(askLine(wait(1), colors)).toMatch(/waits: no answer \(it asks again at .*\)\n {4}Start it\.$/)
  expect(askLine(wait(2), colors)).not.toContain('Start it')
})

it('prints retries, model usage, and only the first of many failures in a loop', () => {
  const use = { for: 'step', model: 'm', why: '', input: 3, output: 4, cost: 0.5 }
  const problem = { message: 'busy' }
  const failures = Array.from({ length: 40 }, (_, n) => ({ step: `l_${n}_a`, status: 'failed', ms: 1, problem }))
  const events: Json[] = [
    { type: 'step-wait', step: 'a', until: 0, attempts: 1, problem },
    { type: 'step-end', step: 'a', status: 'completed', ms: 1, attempts: 2, models: [use] },
    { type: 'loop-start', step: 'l', iterations: 40, steps: 40 },
    { type: 'loop-start', step: 'l_0_inner', iterations: 2, steps: 2 },
    { type: 'step-wait', step: 'l_0_a', until: 0, attempts: 1, problem },
    ...failures.map((failure) => ({ type: 'step-end', ...failure })),
  ]
  let progress = INITIAL_RUN_PROGRESS
  const lines = events.flatMap((event) => {
    progress = applyRunEvent(progress, event)
    return runLine(progress, event, colors) ?? []
  })
  expect(lines.slice(0, 4)).toEqual([
    expect.stringMatching(/^ {2}- a {2}attempt 2 at [-\d: ]+: busy$/),
    '  ✓ a  1 ms, 2 attempts, m, 3 tokens in, 4 out, $0.5000',
    '  l: 40 iterations, 40 steps',
    '  ✗ l_0_a  failed: busy',
  ])
  expect(lines).toHaveLength(3 + 20 + 1)
  expect(lines.at(-1)).toBe('  … more failures in l are only counted')
})

it('names steps that were undone, and those that could not be', () => {
  const undo = { type: 'step-undo', step: 'a', undone: true }
  expect(runLine(INITIAL_RUN_PROGRESS, undo, colors)).toBe('  - a  undone')
  const not = { ...undo, undone: false, problem: { message: 'it has no way back' } }
  expect(runLine(INITIAL_RUN_PROGRESS, not, colors)).toBe('  ! a  not undone: it has no way back')
})

it('names the handler of a failure, and the failure', () => {
  const end = { type: 'step-end', step: 'a', ms: 4, problem: { message: 'no file' }, handled: 'other' }
  expect(runLine(INITIAL_RUN_PROGRESS, { ...end, status: 'completed' }, colors)).toBe(
    '  ✓ a  4 ms, handled by other: no file',
  )
  const noted = { ...end, status: 'failed', handled: 'Say it. '.repeat(20) }
  expect(runLine(INITIAL_RUN_PROGRESS, noted, colors)).toMatch(
    /^ {2}✗ a {2}failed: no file, handled by (Say it\. ){7}Say…$/,
  )
})

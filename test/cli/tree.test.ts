import picocolors from 'picocolors'
import { expect, it } from 'vitest'
import { followAsk, unasked } from '../../src/cli/asking.ts'
import { followRun, unstarted } from '../../src/cli/progress.ts'
import { drawAsk, drawRun, oneLine } from '../../src/cli/tree.ts'

const frame = { colors: picocolors.createColors(false), elapsed: 4400, rows: 10 }

const running = [
  { type: 'run-start', name: 'audit', steps: 4 },
  { type: 'step-start', step: 'list' },
  { type: 'step-end', step: 'list', status: 'completed', ms: 12 },
  { type: 'step-start', step: 'check' },
  { type: 'loop-start', step: 'check', iterations: 100, steps: 300 },
  { type: 'step-start', step: 'check_0_read' },
  { type: 'step-start', step: 'check_1_read' },
  { type: 'step-end', step: 'check_1_read', status: 'failed', ms: 1, problem: { message: 'no file' } },
  { type: 'step-start', step: 'own' },
  { type: 'step-end', step: 'own', status: 'failed', ms: 3, problem: { message: 'it broke' } },
].reduce(followRun, unstarted)

it('draws all counts, then a line a step, loops folded', () => {
  expect(drawRun(running, { ...frame, rates: { steps: 93.4, commits: 210 } })).toEqual([
    'audit  1 of 304 done · 2 failed · 2 running · 299 queued · 93 steps/s · 210 commits/s · 4.4 s',
    '  ✓ list   12 ms',
    '  ▸ check  0 of 300 · 1 failed · 1 running',
    '  ✗ own    3 ms · it broke',
  ])
})

it('draws no rates of what is over', () => {
  const over = followRun(running, { type: 'run-end', status: 'failed' })
  expect(drawRun(over, { ...frame, rates: { steps: 93.4 } })[0]).not.toContain('steps/s')
})

it('shows what runs or failed when there is no room for all, and counts the rest', () => {
  expect(drawRun(running, { ...frame, rows: 2 }).slice(1)).toEqual([
    '  ▸ check  0 of 300 · 1 failed · 1 running',
    '  ✗ own    3 ms · it broke',
    '  … and 1 more step',
  ])
})

it('draws in colour only when asked to', () => {
  const csi = String.fromCharCode(27)
  expect(drawRun(running, frame).join()).not.toContain(csi)
  expect(drawRun(running, { ...frame, colors: picocolors.createColors(true) }).join()).toContain(csi)
})

it('draws the phases of an ask', () => {
  const asking = [
    { type: 'ask-start', prompt: 'Why  is\nit so?' },
    { type: 'phase-start', phase: 'action', cycle: 1 },
    { type: 'phase-end', phase: 'action', cycle: 1, status: 'completed', model: 'offline/extractive', ms: 12 },
    { type: 'phase-start', phase: 'experience.web', cycle: 2 },
  ].reduce(followAsk, unasked)
  expect(drawAsk(asking, frame)).toEqual([
    'Why is it so?  cycle 2 · 4.4 s',
    '  ✓ action          12 ms · offline/extractive',
    '  ▸ experience.web',
  ])
})

it('keeps a text on one line', () => {
  expect(oneLine(' a\n b ', 10)).toBe('a b')
  expect(oneLine('abcdef', 4)).toBe('abc…')
})

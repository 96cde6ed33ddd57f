import { stripVTControlCharacters } from 'node:util'
import picocolors from 'picocolors'
import { expect, it } from 'vitest'
import { applyAskEvent, INITIAL_ASK_PROGRESS } from '../../../src/cli/progress/ask-progress.ts'
import { applyRunEvent, INITIAL_RUN_PROGRESS } from '../../../src/cli/progress/run-progress.ts'
import { drawAsk, drawRun } from '../../../src/cli/render/draw.ts'
import { oneLine } from '../../../src/cli/terminal/format.ts'

const frame = { colors: picocolors.createColors(false), elapsed: 4400, now: 1000, rows: 10, columns: 80 }

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
].reduce(applyRunEvent, INITIAL_RUN_PROGRESS)

it('draws all counts, then a line for each step, in loops for running and failed ones', () => {
  expect(drawRun(running, { ...frame, rates: { steps: 93.4, commits: 210 } })).toEqual([
    'audit  1 of 304 done · 2 failed · 2 running · 299 queued · 93 steps/s · 210 commits/s · 4.4 s',
    '  ✓ list            12 ms',
    '  ▸ check           0 of 300 · 1 failed · 1 running',
    '    ▸ check_0_read',
    '    ✗ check_1_read  1 ms · no file',
    '  ✗ own             3 ms · it broke',
  ])
})

it('shows reused steps, also in loops', () => {
  const taken = [
    { type: 'run-start', name: 'again', steps: 2 },
    { type: 'step-end', step: 'a', status: 'completed', ms: 0, reused: true },
    { type: 'loop-start', step: 'l', iterations: 2, steps: 2 },
    { type: 'step-end', step: 'l_0_b', status: 'completed', ms: 0, reused: true },
    { type: 'step-end', step: 'l_1_b', status: 'completed', ms: 5 },
    { type: 'step-end', step: 'l', status: 'completed', ms: 0 },
  ].reduce(applyRunEvent, INITIAL_RUN_PROGRESS)
  expect(drawRun(taken, frame).slice(1)).toEqual(['  ✓ a  reused', '  ✓ l  2 of 2 · 1 reused'])
})

it('draws no rates for finished work', () => {
  const over = applyRunEvent(running, { type: 'run-end', status: 'failed' })
  expect(drawRun(over, { ...frame, rates: { steps: 93.4 } })[0]).not.toContain('steps/s')
})

it('shows what runs or failed when there is no room for all, and counts the rest', () => {
  expect(drawRun(running, { ...frame, rows: 2 }).slice(1)).toEqual([
    '  ▸ check  0 of 300 · 1 failed · 1 running',
    '  ✗ own    3 ms · it broke',
    '  … and 3 more steps',
  ])
})

it('tells attempts, the next one, models, tokens and dollars, on a line each', () => {
  const use = { for: 'step', model: 'openai/small', why: '', input: 1234, output: 56, cost: 0.00123 }
  const paused = { until: 8_600, attempts: 2, problem: { message: `the server is busy ${'and busy '.repeat(9)}` } }
  const telling = [
    { type: 'run-start', name: 'tell', steps: 4 },
    { type: 'step-end', step: 'text', status: 'completed', ms: 12, attempts: 2, models: [use] },
    { type: 'step-start', step: 'fetch' },
    { type: 'step-wait', step: 'fetch', ...paused },
    { type: 'step-start', step: 'late' },
    { type: 'step-wait', step: 'late', ...paused, until: 900 },
    { type: 'step-start', step: 'ask' },
    { type: 'signal-wait', step: 'ask', title: 'May it be published?' },
  ].reduce(applyRunEvent, INITIAL_RUN_PROGRESS)
  const lines = drawRun(telling, frame)
  expect(lines).toEqual([
    'tell  1 of 4 done · 3 running · 1.2k tokens in, 56 out · $0.0012 · 4.4 s',
    '  ✓ text   12 ms · 2 attempts · openai/small · 1.2k tokens in, 56 out · $0.0012',
    expect.stringMatching(/^ {2}▸ fetch {2}attempt 3 in 8\.0 s · the server is busy and .*…$/),
    expect.stringMatching(/^ {2}▸ late {3}attempt 3 · the server is busy/),
    '  ▸ ask    waits · May it be published?',
  ])
  expect(Math.max(...lines.map(({ length }) => length))).toBeLessThanOrEqual(80)
})

it('shows undone steps; a free call has no price', () => {
  const free = { for: 'step', model: 'offline', why: '', input: 5, output: 6, cost: 0 }
  const undone = [
    { type: 'step-end', step: 'a', status: 'completed', ms: 12, models: [free] },
    { type: 'step-end', step: 'b', status: 'completed', ms: 2 },
    { type: 'step-undo', step: 'b', undone: false, problem: { message: 'it has no way back' } },
    { type: 'step-undo', step: 'a', undone: true },
    { type: 'step-undo', step: 'l_0_a', undone: true },
  ].reduce(applyRunEvent, INITIAL_RUN_PROGRESS)
  expect(drawRun(undone, frame).slice(1)).toEqual([
    '  ✓ a  12 ms · offline · 5 tokens in, 6 out · undone',
    '  ✓ b  2 ms · not undone · it has no way back',
  ])
})

it('names the handler of a failure, and the failure', () => {
  const end = { type: 'step-end', step: 'a', status: 'completed', ms: 4, problem: { message: 'no file' }, handled: 'b' }
  expect(drawRun(applyRunEvent(INITIAL_RUN_PROGRESS, end), frame).slice(1)).toEqual([
    '  ✓ a  4 ms · handled by b · no file',
  ])
})

it('draws a screen of ten thousand steps', () => {
  const ids = Array.from({ length: 10_000 }, (_, n) => `step-${n}`)
  const many = ids
    .flatMap((step) => [
      { type: 'step-start', step },
      { type: 'step-end', step, status: 'completed', ms: 1 },
    ])
    .reduce<typeof INITIAL_RUN_PROGRESS>(applyRunEvent, INITIAL_RUN_PROGRESS)
  const lines = drawRun(many, { ...frame, rows: 20 })
  expect(lines).toHaveLength(22)
  expect(lines.slice(-2)).toEqual(['  ✓ step-9999  1 ms', '  … and 9980 more steps'])
})

const started = (count: number, name: string) =>
  Array.from({ length: count }, (_, n) => ({ type: 'step-start', step: `${name}_${n}` }))

it('shows what runs, and some of what failed, however much has failed before', () => {
  const broken = started(25, 'bad').flatMap((start) => [
    start,
    { ...start, type: 'step-end', status: 'failed', ms: 1, problem: { message: 'it broke' } },
  ])
  const fan = [{ type: 'run-start', name: 'fan', steps: 99 }, ...broken, ...started(32, 'part')]
  const lines = drawRun(fan.reduce(applyRunEvent, INITIAL_RUN_PROGRESS), { ...frame, rows: 20 })
  expect(lines.filter((line) => line.includes('▸'))).toHaveLength(15)
  expect(lines.filter((line) => line.includes('✗'))).toHaveLength(5)
  expect(lines.at(-1)).toBe('  … and 37 more steps')
})

it('stays within its screen, in colour too: a wide line is cut, and a head that takes more lines leaves fewer', () => {
  const use = { for: 'step', model: 'anthropic/claude-sonnet-4-5', why: '', input: 12_345, output: 5678, cost: 0.0123 }
  const ends = started(40, 'summarise_the_document').map((start, n) => ({
    ...start,
    type: 'step-end',
    ms: 3123,
    attempts: 2,
    models: [use],
    ...(n % 2 ? { status: 'completed' } : { status: 'failed', problem: { message: 'the provider says no' } }),
  }))
  const wide = [{ type: 'run-start', name: 'wide', steps: 99 }, ...ends, ...started(9, 'b')].reduce(
    applyRunEvent,
    INITIAL_RUN_PROGRESS,
  )
  const rates = { steps: 93, commits: 1210 }
  const draw = (columns: number, colored: boolean) =>
    drawRun(wide, { ...frame, rows: 20, columns, rates, colors: picocolors.createColors(colored) })
  for (const columns of [20, 40, 80]) {
    const [head, ...lines] = draw(columns, false)
    expect(Math.max(...lines.map(({ length }) => length))).toBeLessThanOrEqual(columns)
    expect(Math.ceil(head!.length / columns) + lines.length).toBeLessThanOrEqual(22)
    expect(draw(columns, true).map((line) => stripVTControlCharacters(line))).toEqual([head, ...lines])
  }
  expect(draw(80, false)).toContain('  ✗ summarise_the_document_0   3.1 s · 2 attempts · the provider says no')
  const csi = String.fromCharCode(27)
  expect(draw(80, true).filter((line) => line.includes('▸'))[0]).toBe('  ▸ b_0')
  expect(draw(60, true).find((line) => line.includes('✗'))).toBe(
    `  ${csi}[31m✗${csi}[39m summarise_the_document_0   3.1 s · 2 attempts · ${csi}[31mthe pro…${csi}[39m`,
  )
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
  ].reduce(applyAskEvent, INITIAL_ASK_PROGRESS)
  expect(drawAsk(asking, frame)).toEqual([
    'Why is it so?  cycle 2 · 4.4 s',
    '  ✓ action          12 ms · offline/extractive',
    '  ▸ experience.web',
  ])
})

it('draws the decision that an ask waits for, and the command that gives it', () => {
  const waiting = [
    { type: 'ask-start', prompt: 'Why?' },
    { type: 'phase-start', phase: 'action', cycle: 1 },
    { type: 'decision-wait', decision: 'loop', target: 'experience', reason: 'needs information', mayLoop: true },
  ].reduce(applyAskEvent, INITIAL_ASK_PROGRESS)
  expect(drawAsk(waiting, { ...frame, rows: 3 }, 'antiphon decide ask_1 accept')).toEqual([
    'Why?  4.4 s',
    '  ▸ action',
    '  - waits for a decision: Understanding proposes to go round again from experience: needs information',
    '    antiphon decide ask_1 accept',
  ])
})

it('keeps a text on one line', () => {
  expect(oneLine(' a\n b ', 10)).toBe('a b')
  expect(oneLine('abcdef', 4)).toBe('abc…')
})

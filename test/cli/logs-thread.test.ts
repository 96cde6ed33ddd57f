import picocolors from 'picocolors'
import { expect, it } from 'vitest'
import { createLogFormatter } from '../../src/cli/commands/inspect/log-lines.ts'
import { createEventClock } from '../../src/cli/commands/inspect/logs.ts'
import type { Client } from '../../src/http/client/client.ts'
import type { Json } from '../../src/kernel/schema.ts'
import { openBench } from './commands.ts'
import { REAL } from './programs.ts'

const AT = Date.UTC(2026, 0, 2, 3, 4, 5)
const colors = picocolors.createColors(false)

it('the events of a thread are shown in words, with their times', async () => {
  const times = await createEventClock({} as Client, 'chain/main')
  const lineOf = createLogFormatter('chain/main', colors)
  const told = (body: Json) => lineOf(body, times(body))
  const problem = { code: 'x', name: 'TerminalError', message: 'no mind', terminal: true }
  expect(
    [
      { type: 'ask-start', prompt: 'Why\nso?', at: AT },
      { type: 'phase-start', phase: 'action', cycle: 1, at: AT },
      { type: 'phase-end', phase: 'action', cycle: 1, status: 'completed', text: 'long', model: 'm', ms: 12, at: AT },
      { type: 'phase-start', phase: 'action', cycle: 2, at: AT },
      { type: 'decision', decision: 'yield', reason: 'it holds', cycle: 2, at: AT },
      { type: 'ask-queue', at: AT },
      { type: 'consent-answer', answers: [], at: AT },
      { type: 'ask-end', status: 'failed', problem, at: AT },
    ].map(told),
  ).toEqual(
    [
      'asked: Why so?',
      'action  begins',
      '✓ action  12 ms',
      'action  begins, cycle 2',
      'starts the answer: it holds',
      'a question waits behind others',
      'consent-answer answers=[]',
      'failed: no mind',
    ].map((line) => `2026-01-02 03:04:05  ${line}`),
  )
})

it('of a run each step of a loop says how it ended, also where a view only counts them', () => {
  const lineOf = createLogFormatter('run/r', colors)
  const ended = { type: 'step-end', status: 'completed', attempts: 1, ms: 483 }
  const told = [
    { type: 'run-start', name: 'naps', steps: 1 },
    { type: 'step-start', step: 'each' },
    { type: 'loop-start', step: 'each', iterations: 2, steps: 2 },
    { type: 'step-start', step: 'each_0_nap' },
    { ...ended, step: 'each_0_nap' },
    { ...ended, step: 'each' },
    { type: 'run-end', status: 'completed', success: true },
  ].map((event) => lineOf(event, AT))
  expect(told.map((line) => line.slice(21))).toEqual([
    'naps: 1 step',
    'each  begins',
    'each: 2 iterations, 2 steps',
    'each_0_nap  begins',
    '✓ each_0_nap  483 ms',
    '✓ each  1 step done, 0 failed',
    'completed: 2 steps done, 0 failed, 0 skipped',
  ])
})

it('for programs the times of a thread have the same format as those of a run', async () => {
  const bench = openBench(REAL)
  bench.write('notes.md', 'The sentry is called Ada.')
  await bench.run('ask', 'What is the sentry called?', '--file', 'notes.md', '--thread', 'sentry')
  const { out } = await bench.run('logs', 'sentry', '--json')
  const times = out
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line).at)
  expect(times.length).toBeGreaterThan(5)
  expect(times.filter((at) => !/^\d{4}-.*Z$/.test(at))).toEqual([])
})

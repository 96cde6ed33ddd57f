import picocolors from 'picocolors'
import { expect, it } from 'vitest'
import { applyGoalEvent, INITIAL_GOAL_PROGRESS } from '../../../src/cli/progress/goal-progress.ts'
import { drawGoal, goalLines } from '../../../src/cli/render/draw-goal.ts'
import type { Json } from '../../../src/kernel/schema.ts'

const frame = { colors: picocolors.createColors(false), elapsed: 4400, now: 1000, rows: 10, columns: 80 }
const draw = (events: readonly Json[], more: object = {}) =>
  drawGoal(events.reduce(applyGoalEvent, INITIAL_GOAL_PROGRESS), { ...frame, ...more })
const ofRun = (run: string, event: object): Json => ({ type: 'of-run', run, event: event as Json })

const BEGUN: readonly Json[] = [
  { type: 'goal-start', agent: 'clerk', goal: 'Go.' },
  {
    type: 'round',
    round: 1,
    text: 'I look first.',
    calls: [{ tool: 'filesystem:read', step: 'call_1' }, { tool: 'read_result' }],
  },
  ofRun('g.1', { type: 'step-start', step: 'call_1' }),
]

it('draws the head, then each round with its calls and their states', () => {
  expect(draw([BEGUN[0]!])).toEqual(['clerk  4.4 s', '  ▸ thinks'])
  expect(draw(BEGUN)).toEqual([
    'clerk  round 1 · 2 calls · 4.4 s',
    '  ▸ round 1  I look first.',
    '    ▸ filesystem:read',
    '    ✓ read_result',
  ])
})

const delta = (text: string, at: number): Json => ({ type: 'text-delta', round: 2, text, at })

it('shows the text of the present round while it grows, and not after its end', () => {
  const grown = [BEGUN[0]!, delta('It rains.\n', 0), delta('It snows.', 10)]
  expect(draw(grown)).toEqual(['clerk  4.4 s', '  ▸ thinks', '', 'It rains.', 'It snows.'])
  expect(draw([...grown, { type: 'text-restart', round: 2, reason: 'x' }])).toEqual(['clerk  4.4 s', '  ▸ thinks'])
  expect(draw([...grown, { type: 'round', round: 1, text: 'It rains.\nIt snows.', calls: [] }])).toEqual([
    'clerk  round 1 · 4.4 s',
  ])
  // a long text leaves room for the picture
  expect(draw([...BEGUN, delta(Array.from({ length: 20 }, (_, line) => line).join('\n'), 0)])).toHaveLength(11)
})

const ENDED: readonly Json[] = [
  ...BEGUN,
  ofRun('g.1', { type: 'step-end', step: 'call_1', status: 'completed' }),
  {
    type: 'round-end',
    round: 1,
    results: [
      { tool: 'filesystem:read', outcome: 'succeeded' },
      { tool: 'read_result', outcome: 'refused' },
    ],
  },
]

it('shows how calls ended, and that the model thinks', () => {
  expect(draw(ENDED).slice(1)).toEqual([
    '  ✓ round 1  I look first.',
    '    ✓ filesystem:read',
    '    ✗ read_result  refused',
    '  ▸ thinks',
  ])
})

const ASKS: readonly Json[] = [
  { type: 'goal-start', agent: 'clerk', goal: 'Go.' },
  { type: 'round', round: 1, text: '', calls: [{ tool: 'filesystem:append', step: 'call_1' }] },
  ofRun('g.1', { type: 'step-start', step: 'call_1' }),
  ofRun('g.1', { type: 'signal-wait', step: 'call_1', title: 'Call filesystem:append?' }),
]

it('shows what a call waits for until it has its answer', () => {
  expect(draw(ASKS).slice(1)).toEqual(['  ▸ round 1', '    ▸ filesystem:append  waits: Call filesystem:append?'])
  const made = [...ASKS, ofRun('g.1', { type: 'step-end', step: 'call_1', status: 'completed' })]
  expect(draw(made).at(-1)).toBe('    ✓ filesystem:append')
})

it('shows the steps of a playbook, and a hand-off to another agent', () => {
  const events: readonly Json[] = [
    { type: 'goal-start', agent: 'clerk', goal: 'Go.' },
    { type: 'playbook', name: 'copy', run: 'g.playbook' },
    ofRun('g.playbook', { type: 'step-start', step: 'read' }),
    ofRun('g.playbook', { type: 'step-end', step: 'read', status: 'failed' }),
    { type: 'playbook-end', text: 'The playbook copy failed.' },
    { type: 'hand-off', agent: 'writer', goal: 'g.1.hand_off' },
    { type: 'goal-start', agent: 'writer', goal: 'Go.' },
  ]
  expect(draw(events)).toEqual([
    'writer  4.4 s',
    '  ✓ playbook copy',
    '    ✗ read  failed',
    '  The playbook copy failed.',
    '  It hands the goal to writer, g.1.hand_off.',
    '  ▸ thinks',
  ])
})

it.each([
  ['completed', '✓'],
  ['cancelled', '✗'],
])('a playbook that a goal followed to its end has ended with it: %s', (status, mark) => {
  const events: readonly Json[] = [
    { type: 'goal-start', agent: 'clerk', goal: 'Go.' },
    { type: 'playbook', name: 'copy', run: 'g.playbook' },
    { type: 'goal-end', status },
  ]
  expect(draw(events)).toEqual([`clerk  ${status} · 4.4 s`, `  ${mark} playbook copy`])
  const note = 'followed playbook copy, no model was asked'
  const noted = [...events.slice(0, -1), { ...(events.at(-1) as object), note }]
  expect(draw(noted).at(-1)).toBe(`  ${note}`)
  expect(goalLines(noted.at(-1)!, 'begins')).toEqual([note])
})

it('shows why a goal waits until it continues, and how it ended', () => {
  const waits: readonly Json[] = [...ENDED, { type: 'goal-wait', reason: 'limit', title: 'It has had 1 round.' }]
  expect(draw(waits).at(-1)).toBe('  - The goal waits. It has had 1 round.')
  const resumed: readonly Json[] = [...waits, { type: 'goal-resume' }]
  expect(draw(resumed).at(-1)).toBe('  ▸ thinks')
  const failed = { type: 'goal-end', status: 'failed', problem: { message: 'no', hint: 'Try again.' } }
  expect(draw([...resumed, failed, failed])).toMatchObject([
    'clerk  failed · round 1 · 2 calls · 4.4 s',
    ...['  ✓ round 1  I look first.', '    ✓ filesystem:read', '    ✗ read_result  refused'],
    ...['  ✗ failed: no', '  Try again.'],
  ])
})

it('names the files that the model made, once', () => {
  const file = { file: `file_${'a1'.repeat(32)}`, type: 'image/png', name: 'lamp.png', bytes: 7 }
  const end = { type: 'goal-end', status: 'completed', files: [file] }
  const note = 'The answer has the file lamp.png (image/png); to see it: antiphon files open file_a1a1a1a1a1a1'
  // a goal that was handed over ends, and then the first one
  expect(draw([...ENDED, end, end], { columns: 120 }).filter((line) => line.includes('lamp.png'))).toEqual([
    `  ${note}`,
  ])
  expect(goalLines(end, 'begins')).toEqual([note])
})

it('shows the newest lines when there is no room for all', () => {
  expect(draw(ENDED, { rows: 3, columns: 24 })).toEqual([
    'clerk  round 1 · 2 call…',
    '  … 2 lines above',
    '    ✗ read_result  refu…',
    '  ▸ thinks',
  ])
})

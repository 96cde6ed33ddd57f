import { expect, test } from 'vitest'
import { stallsElsewhere, whyLines } from '../../../src/cli/commands/inspect/why.ts'
import { longCalls } from '../../../src/cli/progress/stalls.ts'
import { sealedColors } from '../../../src/cli/terminal/escape.ts'
import type { Why } from '../../../src/runtime/ports/inspector.ts'

const NOW = 1_000_000_000
const TELLING = { now: NOW, colors: sealedColors(false), command: (...args: readonly string[]) => args.join(' ') }
const SETTING = '`timeout: 600` in the step build'

function waiting(effect: object, more: object = {}): Why {
  const about = { name: 'execute', attempt: 1, does: 'the tool make', ...effect }
  const step = {
    of: 'step/r.build',
    status: 'running',
    holds: [{ type: 'effect', work: { kind: 'run', id: 'r' }, effect: about, ...more }],
  }
  const rest = { waitsFor: [], more: 0, letters: [] }
  return { of: 'run/r', status: 'running', holds: [], ...rest, waitsFor: [{ ...step, ...rest }] } as unknown as Why
}

test('the progress names a call that runs for a minute without a timeout: its tool, its time and the setting', () => {
  const why = waiting({ since: NOW - 65_000, unbounded: SETTING })
  expect(longCalls(why, NOW).map(({ line }) => line)).toEqual([
    `  ▸ step/r.build: the tool make has run for 1 min 5 s without a timeout; to give it one: ${SETTING}`,
  ])
  expect(whyLines(why, TELLING)).toContain(`    it has no timeout; to give it one: ${SETTING}`)
  const queued = waiting({ since: NOW - 65_000, unbounded: SETTING }, { queued: { pool: 'p', place: 1, of: 1 } })
  expect(whyLines(queued, TELLING).join('\n')).not.toContain('timeout')
})

test.each<[string, object, object?]>([
  ['is short', { since: NOW - 59_000, unbounded: SETTING }],
  ['has a timeout', { since: NOW - 65_000 }],
  ['pauses before its next attempt', { since: NOW - 65_000, until: NOW, unbounded: SETTING }],
  ['waits for a place', { since: NOW - 65_000, unbounded: SETTING }, { queued: { pool: 'p', place: 1, of: 1 } }],
])('a call that %s is not shown', (_, effect, more) => {
  expect(longCalls(waiting(effect, more), NOW)).toEqual([])
})

test('the progress names the waits of other work, as of a conversation, and how it goes on', () => {
  const asks = (run: string, hold: object) => ({
    ...{ of: `step/${run}.pay`, status: 'waiting', waitsFor: [], more: 0, letters: [] },
    holds: [hold],
  })
  const signal = (run: string) => asks(run, { type: 'signal', name: 'ok', run, since: NOW - 5000 })
  const budget = asks('desk.m2', { type: 'budget', name: 'goal/desk.m2', since: NOW - 5000 })
  const below = [signal('desk.m1.1'), signal('r.sub'), signal('r'), budget, asks('x', { type: 'others', since: NOW })]
  const why = { of: 'run/r', status: 'waiting', holds: [], waitsFor: below, more: 0, letters: [] } as unknown as Why
  expect(stallsElsewhere(why, 'r', TELLING).map(({ line }) => line)).toEqual([
    '  ▸ step/desk.m1.1.pay has waited 5.0 s for the signal `ok`; to continue: signal desk.m1.1 ok JSON (to see the question: inbox)',
    expect.stringMatching(
      /desk.m2.pay has waited 5.0 s for a budget increase: .* to continue: budget raise goal.desk.m2/,
    ),
  ])
})

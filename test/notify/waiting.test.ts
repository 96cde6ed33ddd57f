import { expect, test } from 'vitest'
import { eventOf, identityOf } from '../../src/notify/room/waiting.ts'
import type { InboxItem } from '../../src/thread/room/documents/inbox.ts'
import { gate } from './desk.ts'

const onThread = { thread: 't', ask: 'a', owner: 'local', since: 1, title: 'x' }
const proposal = { decision: 'yield', reason: '', confidence: 1, gaps: [], cycle: 1, mayLoop: false } as const
const money = { type: 'money' } as const
const DECISION: InboxItem = {
  kind: 'decision',
  ...onThread,
  proposal,
  expects: { type: 'decision', choices: ['accept'] },
}
const GOAL: InboxItem = {
  kind: 'goal',
  goal: 'g',
  agent: 'clerk',
  owner: 'local',
  since: 1,
  title: '',
  expects: { type: 'resume' },
}

test.each<readonly [string | undefined, InboxItem]>([
  ['approval', gate('r')],
  ['question', gate('r', { kind: 'prompt', expects: { type: 'text' } })],
  ['question', gate('r', { kind: 'unknown', expects: { type: 'settlement' } })],
  ['budget', gate('r', { kind: 'money', expects: money })],
  [undefined, gate('r', { kind: 'provider', expects: { type: 'nothing' } })],
  ['question', DECISION],
  ['budget', { kind: 'money', ...onThread, signal: 'budget:thread/t', expects: money }],
  [undefined, { kind: 'provider', ...onThread, until: 2, expects: { type: 'nothing' } }],
  ['question', GOAL],
  ['budget', { ...GOAL, signal: 'budget:goal/g', expects: money }],
])('%s', (event, item) => {
  expect(eventOf(item)).toBe(event)
})

test('two waits of one step or goal are two items, and a thread has one for each question', () => {
  expect(identityOf(gate('r'))).not.toEqual(identityOf(gate('r', { since: 2 })))
  expect(identityOf(GOAL)).not.toEqual(identityOf({ ...GOAL, since: 2 }))
  // the time of a thread is that of its first question
  expect(identityOf(DECISION)).toEqual(identityOf({ ...DECISION, since: 2 }))
  expect(identityOf(DECISION)).not.toEqual(identityOf({ ...DECISION, proposal: { ...proposal, cycle: 2 } }))
})

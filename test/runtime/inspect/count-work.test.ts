import { expect, test } from 'vitest'
import { KIND } from '../../../src/house/actors.ts'
import type { ActorIndex } from '../../../src/kernel/types.ts'
import { countWork, type OpenActor } from '../../../src/runtime/inspect/count-work.ts'
import {
  CODE_WAIT,
  ELSEWHERE_WAIT,
  inboxSince,
  moneyWait,
  PERSON_WAIT,
  PROVIDER_WAIT,
  signalWait,
} from '../../../src/work/wait.ts'

const actor = (kind: keyof typeof KIND, key: string, index: ActorIndex = {}): OpenActor => ({
  of: { kind: KIND[kind], key },
  index: { status: 'running', ...index },
})
const asks = (key: string, signal: string, isListed = true) =>
  actor('step', key, { waits: signalWait(signal), ...(isListed && inboxSince(1)) })

test('a conversation counts, and its goal, the run of the goal and the child run of it do not', () => {
  const conversation = [
    actor('thread', 'anna:chat'),
    actor('goal', 'anna:chat.m1', { thread: 'anna:chat' }),
    actor('goal', 'anna:chat.m1.helper', { goal: 'anna:chat.m1', waits: 'run/r' }),
    actor('run', 'r', { goal: 'anna:chat.m1.helper', aside: 1 }),
    actor('run', 'child', { root: 'r' }),
  ]
  expect(countWork(conversation)).toEqual({ person: 0, code: 0, others: 0, working: 1 })
  expect(countWork([...conversation, asks('child.pay', 'call:pay')])).toEqual({
    ...{ person: 1, code: 0, others: 0, working: 0 },
  })
})

test('work counts once, by the wait that somebody must end first', () => {
  const work = [
    actor('run', 'both'),
    asks('both.tide', 'tide', false),
    asks('both.sail', 'sail'),
    asks('both.also', 'also'),
    actor('run', 'machine'),
    asks('machine.hook', 'hook', false),
    actor('run', 'sleeps', { until: 5 }),
    actor('run', 'queued', { later: 'queued', waits: 'run-queue/k' }),
    actor('run', 'old', { waits: CODE_WAIT, until: 5 }),
    actor('run', 'lacks'),
    actor('step', 'lacks.one', { status: 'waiting', waits: CODE_WAIT }),
    actor('run', 'retries'),
    actor('step', 'retries.one', { status: 'waiting', until: 5 }),
    actor('run', 'asks-model'),
    actor('step', 'asks-model.one', { status: 'waiting', waits: PROVIDER_WAIT }),
    actor('run', 'elsewhere'),
    actor('step', 'elsewhere.one', { status: 'waiting', waits: ELSEWHERE_WAIT }),
    actor('goal', 'stopped', { status: 'paused' }),
    actor('goal', 'limit', { status: 'waiting', waits: PERSON_WAIT }),
    actor('thread', 'poor'),
    actor('phase', 'poor.action', { status: 'waiting', waits: moneyWait('day') }),
  ]
  expect(countWork(work)).toEqual({ person: 4, code: 2, others: 5, working: 1 })
  // a list may leave out the work above
  expect(countWork([asks('gone.one', 'x')])).toMatchObject({ person: 1, working: 0 })
})

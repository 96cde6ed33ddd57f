import { expect, it } from 'vitest'
import { findReply } from '../../../../src/agent/room/conversation/reply.ts'
import type { GoalDocument } from '../../../../src/agent/room/goals/documents.ts'
import { NotFoundError } from '../../../../src/errors.ts'
import type { AskDocument } from '../../../../src/thread/room/documents/thread.ts'

const NOW = 10_000_000
const MINUTES = 60_000
type Ask = Pick<AskDocument, 'id' | 'status'> & Partial<Pick<AskDocument, 'agent' | 'endedAt'>>
const ended = (id: string, minutes: number, more: Partial<Ask> = {}): Ask => ({
  id,
  agent: 'clerk',
  status: 'completed',
  endedAt: NOW - minutes * MINUTES,
  ...more,
})
const open = (id: string, status: Ask['status']): Ask => ({ id, agent: 'clerk', status })

const find = (asks: readonly Ask[], owner?: string, message?: number) =>
  findReply(
    {
      threads: { get: async () => ({ owner: 'ann', asks: asks as readonly AskDocument[] }) } as never,
      goals: { get: async () => ({ message }) as GoalDocument },
    },
    'talk',
    {
      now: NOW,
      ...(owner !== undefined && { owner }),
    },
  )

it.each<[what: string, asks: readonly Ask[], found: string | undefined]>([
  [
    'the message that is answered',
    [ended('a', 1), open('b', 'running'), open('c', 'joined'), open('d', 'queued')],
    'b',
  ],
  ['the next message, between two', [ended('a', 1), open('b', 'queued'), open('c', 'queued')], 'b'],
  ['the last one for ten minutes', [ended('a', 30), ended('b', 9)], 'b'],
  ['nothing later', [ended('a', 30), ended('b', 11)], undefined],
  ['nothing that the phases answer', [{ id: 'a', status: 'running' }], undefined],
])('finds %s', async (_, asks, found) => {
  expect(await find(asks)).toBe(found)
})

it('finds the message that the goal has read last', async () => {
  const asks = [
    { ...open('a', 'running'), n: 1, goal: 'talk.m1' },
    { ...open('b', 'joined'), n: 2 },
    { ...open('c', 'joined'), n: 3 },
  ]
  expect(await find(asks)).toBe('a')
  expect(await find(asks, undefined, 2)).toBe('b')
})

it('finds nothing of another owner, and nothing in a conversation that does not exist', async () => {
  expect(await find([open('a', 'running')], 'ann')).toBe('a')
  expect(await find([open('a', 'running')], 'bob')).toBeUndefined()
  const get = async () => {
    throw new NotFoundError('There is no thread talk.')
  }
  const goals = { get: async () => ({}) as GoalDocument }
  expect(await findReply({ threads: { get } as never, goals }, 'talk', { now: NOW })).toBeUndefined()
})

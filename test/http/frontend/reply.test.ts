import { expect, it } from 'vitest'
import type { AskDocument } from '../../../src/contract/documents/conversation.ts'
import { NotFoundError } from '../../../src/errors.ts'
import { findReply } from '../../../src/http/frontend/reply.ts'

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

const find = (asks: readonly Ask[], owner?: string) =>
  findReply(
    { threads: { get: async () => ({ owner: 'ann', asks: asks as readonly AskDocument[] }) } as never },
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

it('finds nothing of another owner, and nothing in a conversation that does not exist', async () => {
  expect(await find([open('a', 'running')], 'ann')).toBe('a')
  expect(await find([open('a', 'running')], 'bob')).toBeUndefined()
  const get = async () => {
    throw new NotFoundError('there is no thread talk')
  }
  expect(await findReply({ threads: { get } as never }, 'talk', { now: NOW })).toBeUndefined()
})

import { hash } from 'node:crypto'
import { problemOf } from '../../errors.ts'
import type { Effects } from '../../kernel/types.ts'
import { ownerOf } from '../../lib/owner.ts'
import { recordText } from '../../memory/record.ts'
import type { AskEnding, AskWork, ChainState, QueuedAsk } from '../protocol/ask-state.ts'
import { askIdOf } from '../protocol/message-id.ts'
import type { AskMessage } from '../protocol/messages.ts'
import type { MemoryOfOwner } from '../protocol/phase.ts'
import type { AskMemory, Degradation, Hit } from '../protocol/phase-types.ts'
import { stripCitations } from './citations.ts'
import { ANSWER_KIND, findPinned } from './records.ts'

/** The work of an ask, as far as it uses the memory of its owner, before the ask begins. */
export function memoryWork(message: AskMessage): Pick<AskWork, 'memory' | 'remember'> {
  const { memory } = message
  if (!memory || message.agent) return {}
  const { remember, ...filter } = memory
  const read: AskMemory = { ...filter, owner: ownerOf(message), pinned: [] }
  return { memory: read, ...(remember && { remember: filter.space ?? '' }) }
}

/** The work of an ask that begins: with the pinned records, or without a memory if there is nothing in one. */
export async function withPinned(work: AskWork, effects: Effects, memories?: MemoryOfOwner): Promise<AskWork> {
  const { memory, ...rest } = work
  if (!memory) return work
  if (!memories?.mayHold()) return rest
  const read = async (): Promise<readonly Hit[] | string> => {
    try {
      return await findPinned(memories, memory)
    } catch (error) {
      return problemOf(error).message
    }
  }
  const pinned = await effects.run('pinned', read, { effect: 'pure' })
  if (typeof pinned !== 'string') return { ...work, memory: { ...memory, pinned } }
  return { ...work, degraded: [...work.degraded, lack('action', `pinned records were not read: ${pinned}`)] }
}

/**
 * Notes in the memory which records a final answer cites, and the answer itself if it is remembered. Repeated, it
 * changes nothing: the id of that record follows from the ask. A failure is a lack of the answer.
 */
export async function noteAnswer(
  { work, ending, id }: { readonly work: AskWork; readonly ending: AskEnding } & Pick<QueuedAsk, 'id'>,
  state: ChainState,
  effects: Effects,
  memories?: MemoryOfOwner,
): Promise<AskWork> {
  if (ending.status !== 'completed') return work
  const { remember: space, prompt, askedAt: begunAt } = work
  const cited = ending.citations.flatMap(({ record, prior }) => (record === undefined || prior ? [] : record))
  if (space === undefined && cited.length === 0) return work
  const thread = effects.self.key
  const ask = askIdOf(thread, id)
  const write = async (): Promise<string | null> => {
    const name = `m_${hash('sha256', JSON.stringify([thread, ask, begunAt]), 'base64url').slice(0, 22)}`
    const text = recordText(`${prompt}\n\n${stripCitations(ending.answer)}`)
    const data = { cites: [...new Set(ending.citations.map(({ record, file }) => record ?? file))].filter(isShort) }
    const records = space === undefined ? [] : [{ id: name, kind: ANSWER_KIND, space, text, data }]
    const cites = { ask, thread, records: [...new Set(cited)] }
    const by = { source: { type: 'ask', ref: ask }, cause: { type: 'ask', id: ask } } as const
    try {
      if (!memories) return 'a cluster has none'
      await memories(ownerOf(state)).add(records, { ...by, begunAt, cites })
      return null
    } catch (error) {
      return problemOf(error).message
    }
  }
  const problem = await effects.run('remember', write, { effect: 'idempotent' })
  if (problem === null) return work
  const reason = `${space === undefined ? 'its citations are' : 'this answer is'} not in the memory: ${problem}`
  return { ...work, degraded: [...work.degraded, lack('yield', reason)] }
}

/** So that all of them fit into the JSON of a record. */
const isShort = (ref: string) => ref.length <= 500

const lack = (phase: Degradation['phase'], reason: string): Degradation => ({ phase, reason, completed: true })

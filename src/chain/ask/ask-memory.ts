import { hash } from 'node:crypto'
import { InvalidError, problemOf } from '../../errors.ts'
import type { Effects } from '../../kernel/types.ts'
import { ownerOf } from '../../lib/owner.ts'
import { type MadeOf, recordText } from '../../memory/record.ts'
import type { AskEnding, AskWork, QueuedAsk, ThreadState } from '../../thread/protocol/ask-state.ts'
import { askIdOf } from '../../thread/protocol/ask-state.ts'
import type { AskMessage } from '../../thread/protocol/messages.ts'
import type { AskMemory, Degradation, Hit } from '../../thread/protocol/phase-types.ts'
import { findLearned, learnedRecords, mayLearn } from '../memory/learned.ts'
import { ANSWER_KIND, findPinned, memoryQuery } from '../memory/records.ts'
import { shownHits } from '../phases/prompt.ts'
import type { ChainServices, MemoryOfOwner } from '../protocol/phase.ts'
import { stripCitations } from '../retrieval/citations.ts'

/** The work of an ask, as far as it uses the memory of its owner, before the ask begins. */
export function memoryWork(message: AskMessage): Pick<AskWork, 'memory' | 'remember' | 'learn'> {
  const { memory } = message
  if (!memory) return {}
  const { remember, learn, ...filter } = memory
  const read: AskMemory = { ...filter, owner: ownerOf(message), pinned: [] }
  return { memory: read, ...(remember && { remember: filter.space ?? '' }), ...(learn === false && { learn }) }
}

/** The work of an ask that begins: with the pinned records, or without a memory if there is nothing in one. */
export async function withPinned(work: AskWork, effects: Effects, memories?: MemoryOfOwner): Promise<AskWork> {
  const { memory, ...rest } = work
  if (!memory) return work
  if (!memories?.mayHold()) return rest
  const pinned = await effects.run('pinned', () => orReason(findPinned(memories, memory)), { effect: 'pure' })
  if (typeof pinned !== 'string') return { ...work, memory: { ...memory, pinned } }
  return { ...work, degraded: [...work.degraded, lack('action', `pinned records were not read: ${pinned}`)] }
}

/** The work of an ask that begins: with what earlier asks have learned, if its phases learn. */
export async function withLearned(
  { memory: asked }: AskWork,
  work: AskWork,
  effects: Effects,
  services: ChainServices,
): Promise<AskWork> {
  const { memory: memories } = services
  if (!asked || !memories || !mayLearn(services, work)) return work
  const { memory, learn = true } = work
  if (!memory) return { ...work, learn }
  const about = { text: memoryQuery(work.prompt), thread: effects.self.key }
  const learned = await effects.run('learned', () => orReason(findLearned(memories, memory, about)), { effect: 'pure' })
  if (typeof learned !== 'string') return { ...work, learn, memory: { ...memory, learned } }
  const reason = `what earlier asks learned was not read: ${learned}`
  return { ...work, learn, degraded: [...work.degraded, lack('intention', reason)] }
}

/** The result of work, or why it failed. */
const orReason = <T>(work: Promise<T>): Promise<T | string> => work.catch((error) => problemOf(error).message)

/**
 * Notes in the memory which records a final answer cites, the answer itself if it is remembered, and what its phases
 * have learned. Repeated, it changes nothing: the id of the answer follows from the ask, and other ids from the
 * content. A failure is a lack of the answer.
 */
export async function noteAnswer(
  { work, ending, id }: { readonly work: AskWork; readonly ending: AskEnding } & Pick<QueuedAsk, 'id'>,
  state: ThreadState,
  effects: Effects,
  memories?: MemoryOfOwner,
): Promise<AskWork> {
  if (ending.status !== 'completed') return work
  const { remember: space, prompt, askedAt: begunAt } = work
  const cited = ending.citations.flatMap(({ record, prior }) => (record === undefined || prior ? [] : record))
  const thread = effects.self.key
  const learned = learnedRecords(work, thread)
  const isAnswerNoted = space !== undefined || cited.length > 0
  if (!isAnswerNoted && learned.length === 0) return work
  const ask = askIdOf(thread, id)
  const write = async (): Promise<null> => {
    const name = `m_${hash('sha256', JSON.stringify([thread, ask, begunAt]), 'base64url').slice(0, 22)}`
    const text = recordText(`${prompt}\n\n${stripCitations(ending.answer)}`)
    const data = { cites: [...new Set(ending.citations.map(({ record, file }) => record ?? file))].filter(isShort) }
    const records = space === undefined ? [] : [{ id: name, kind: ANSWER_KIND, space, text, data }]
    const cites = { ask, thread, records: [...new Set(cited)] }
    const by = { cause: { type: 'ask', id: ask }, begunAt } as const
    const sourceOf = (parts: MadeOf) => ({ type: 'ask', ref: ask, madeOf: parts }) as const
    const shown = madeOf(shownHits(work))
    const parts = ending.citations.length > 0 ? madeOf(ending.citations) : shown
    if (!memories) throw new InvalidError('A cluster has no memory.')
    const memory = memories(ownerOf(state))
    if (isAnswerNoted) await memory.add(records, { ...by, source: sourceOf(parts), cites })
    if (learned.length > 0) await memory.add(learned, { ...by, source: sourceOf(shown) })
    return null
  }
  const problem = await effects.run('remember', () => orReason(write()), { effect: 'idempotent' })
  if (problem === null) return work
  const missing = space !== undefined ? 'this answer is' : isAnswerNoted ? 'its citations are' : 'what it learned is'
  const reason = `${missing} not in the memory: ${problem}`
  return { ...work, degraded: [...work.degraded, lack('yield', reason)] }
}

/**
 * The parts that an answer was made of, with which it is forgotten: the texts that it cites, else those that its
 * prompts showed. Prompts that others share are nobody's to forget here.
 */
function madeOf(texts: readonly Pick<Hit, 'file' | 'record' | 'prior'>[]): MadeOf {
  const own = texts.filter(({ prior }) => !prior)
  const records = own.flatMap(({ record }) => record ?? [])
  const files = own.flatMap(({ file, record }) => (file === record ? [] : file))
  return { records: [...new Set(records)], files: [...new Set(files)] }
}

/** So that all of them fit into the JSON of a record. */
const isShort = (ref: string) => ref.length <= 500

const lack = (phase: Degradation['phase'], reason: string): Degradation => ({ phase, reason, completed: true })

import { repliesIn, writtenMessage } from '../../agent/protocol/replies.ts'
import { peekGoal } from '../../agent/protocol/state.ts'
import type { Engine } from '../../engine/engine.ts'
import { inspectOne } from '../../engine/liveness.ts'
import { NotFoundError } from '../../errors.ts'
import { type ListQuery, placeIn } from '../../house/paging.ts'
import { readSinglePart } from '../../kernel/parts.ts'
import type { ActorIndex } from '../../kernel/types.ts'
import { ownerFilter, ownerOf } from '../../lib/owner.ts'
import { threadRemoved } from '../../thread/actor/lifecycle.ts'
import { askPartName, decodeAskPosition, numberPartName, workPartName } from '../../thread/actor/parts.ts'
import {
  type AskRecord,
  type AskWork,
  goalKey,
  isAtWork,
  numberOfGoal,
  type PhaseTrace,
  type ThreadState,
} from '../../thread/protocol/ask-state.ts'
import { answerMessage, promptMessage } from '../../thread/protocol/context-operations.ts'
import { threadRef } from '../../thread/protocol/refs.ts'
import { proposalIn } from '../ports/inbox.ts'
import type { AskDocument, PhaseDocument, ThreadMessage, ThreadSummary, ThreadsPort } from '../ports/threads.ts'
import { consentsOf, shownIn } from './consents.ts'
import { readRounds } from './history.ts'

type Conversations = Pick<ThreadsPort, 'list' | 'get' | 'messages' | 'getAsk'> & {
  /** The number of an ask; undefined when no ask has that id. */
  numberOf(thread: string, id: string): Promise<number | undefined>
}

/** Reads threads. */
export function readConversations({ view }: Pick<Engine, 'view'>): Conversations {
  const part = (thread: string, name: string) => readSinglePart(view.parts, threadRef(thread), name)

  async function readAsk(thread: string, n: number, { context }: Pick<ThreadState, 'context'>): Promise<AskDocument> {
    const { trace, ...record } = (await part(thread, askPartName(n))) as AskRecord
    const standing = record.status === 'running' ? await underWay(thread, n) : { phases: trace.map(phaseOf) }
    return { thread, n, ...record, ...standing, ...consentsOf(context, record.id) }
  }

  async function underWay(thread: string, n: number): Promise<Pick<AskDocument, 'phases' | 'proposal'>> {
    const work = (await part(thread, workPartName(n))) as Pick<AskWork, 'trace'> | undefined
    const current = (await peek(thread))?.current
    const { waiting = [], cycle = 1, proposal } = current?.n === n ? current : {}
    const running = waiting.map((phase) => ({ phase, cycle, status: 'running' as const, model: '' }))
    const phases = [...(work?.trace ?? []).map(phaseOf), ...running]
    return { phases, ...(proposal && { proposal: proposalIn(proposal) }) }
  }

  const readAsks = (thread: string, state: ThreadState, first: number, last = state.asks) =>
    Promise.all(
      Array.from({ length: Math.max(0, Math.min(last, state.asks) - first + 1) }, (_, index) =>
        readAsk(thread, first + index, state),
      ),
    )

  /**
   * An ask with its reply, which is with the goal while the goal answers a later message, and until the thread knows
   * what was read before a stop.
   */
  async function withReply(ask: AskDocument, { current }: ThreadState): Promise<AskDocument> {
    const { n, status, reply, goal = status === 'joined' ? current?.goal?.key : undefined } = ask
    if (goal === undefined || !(status === 'cancelled' ? reply === '' : isAtWork({ status }))) return ask
    const state = await peekGoal(view, goal)
    const written = state && status !== 'cancelled' ? (writtenMessage(state) ?? numberOfGoal(goal)) : n + 1
    if (n >= written) return ask
    const replies = repliesIn(await readRounds(view.parts, goal), numberOfGoal(goal))
    return { ...ask, reply: replies.find(({ message }) => message === n)?.text ?? '' }
  }

  const peek = async (thread: string) => (await view.peek(threadRef(thread))) as ThreadState | undefined

  async function stateOf(thread: string): Promise<ThreadState> {
    const state = await peek(thread)
    if (!state) throw new NotFoundError(`There is no thread ${thread}.`)
    if (state.removed) throw threadRemoved(thread)
    return state
  }

  async function numberOf(thread: string, id: string): Promise<number | undefined> {
    return decodeAskPosition(await part(thread, numberPartName(id)))?.n
  }

  return {
    numberOf,
    async list({ owner, after, limit = 100 }: ListQuery = {}) {
      const where = { aside: null, ...ownerFilter(owner) }
      const query = { where, sort: 'startedAt', descending: true, limit, ...placeIn(after) }
      return (await view.list('chain', query)).map(({ key, index }) => summaryOf(key, index))
    },
    async get(id) {
      const state = await stateOf(id)
      const actor = await inspectOne(view, threadRef(id))
      return {
        ...summaryOf(id, actor?.cell?.index ?? {}),
        asks: await readAsks(id, state, Math.max(1, state.asks - SHOWN + 1)),
        ...consentsOf(state.context),
      }
    },
    async messages(thread, { after = 0, limit = 100 } = {}) {
      const messages: ThreadMessage[] = []
      // nothing was said yet
      if (!(await peek(thread))) return messages
      const state = await stateOf(thread)
      for (let n = Math.floor(after / 2) + 1; n <= state.asks && messages.length < limit; n += SHOWN)
        for (const ask of await readAsks(thread, state, n, n + SHOWN - 1))
          messages.push(...messagesOf(await withReply(ask, state), state))
      return messages.filter(({ n }) => n > after).slice(0, limit)
    },
    async getAsk(thread, id) {
      const n = await numberOf(thread, id)
      if (n === undefined) throw new NotFoundError(`There is no ask ${id} on thread ${thread}.`)
      return readAsk(thread, n, await stateOf(thread))
    },
  }
}

/** Maximum asks that are read at a time, and shown with their thread. */
const SHOWN = 100

function phaseOf({ phase, cycle, status, model }: PhaseTrace): PhaseDocument {
  return { phase, cycle, status, model }
}

function summaryOf(id: string, index: ActorIndex): ThreadSummary {
  const { status, asks, name, startedAt, updatedAt } = index
  return {
    id,
    owner: ownerOf(index),
    status: String(status),
    asked: Number(asks),
    startedAt: Number(startedAt),
    updatedAt: Number(updatedAt),
    ...(name !== undefined && { name: String(name) }),
  }
}

function messagesOf(
  { thread, n, id: ask, prompt, answer, status, goal, reply, askedAt, endedAt }: AskDocument,
  state: ThreadState,
): readonly ThreadMessage[] {
  const about = (message: number, time: number | undefined) => ({
    ...(time !== undefined && { at: time }),
    ...shownIn(state, { n, message }),
  })
  const [own, other] = [promptMessage(n), answerMessage(n)]
  const question: ThreadMessage = { n: own, ask, role: 'user', text: prompt, ...about(own, askedAt) }
  // in records of earlier releases, the answer to a message that has joined an earlier one stands there
  const isAnswered = status === 'completed' && (goal === undefined || goal === goalKey(thread, n))
  const text = reply ?? (isAnswered ? answer : '')
  if (text === '' && !(isAnswered && reply === undefined)) return [question]
  return [question, { n: other, ask, role: 'assistant', text, ...about(other, endedAt) }]
}

import { askPart, askPlace, numberPart, workPart } from '../../chain/ask/parts.ts'
import type { AskRecord, ChainState, PhaseTrace, Proposal, Work } from '../../chain/protocol/ask-state.ts'
import { answerNumber, promptNumber, type Shown } from '../../chain/protocol/context-operations.ts'
import type { Engine } from '../../engine/engine.ts'
import { inspectOne } from '../../engine/liveness.ts'
import { NotFoundError } from '../../errors.ts'
import type { Index } from '../../kernel/types.ts'
import { ownedBy, ownerOf } from '../../lib/owner.ts'
import { readPart } from '../../pipeline/plan/refs.ts'
import { proposalIn } from '../ports/inbox.ts'
import { placeIn } from '../ports/paging.ts'
import type { ListQuery, Runtime } from '../ports.ts'
import { type ConsentQuestion, consentsOf, shownIn } from './consents.ts'
import { chainRef } from './threads.ts'

export type { Proposal } from '../../chain/protocol/ask-state.ts'

/** A thread as a list shows it; times in ms since the epoch, `startedAt` absent in threads of earlier versions. */
export type ThreadSummary = {
  readonly id: string
  readonly owner: string
  /** for people, where one was given */
  readonly name?: string
  /** running, or what became of its last ask */
  readonly status: string
  /** how often it was asked */
  readonly asked: number
  readonly startedAt?: number
  readonly updatedAt: number
}
/** A thread with its newest hundred asks, in their order. */
export type ThreadDocument = ThreadSummary & {
  readonly asks: readonly AskDocument[]
  /** what its user is asked, if that is something */
  readonly consents?: readonly ConsentQuestion[]
}
/** An ask as it stands; `askedAt` and `endedAt` are ms since the epoch, absent in asks of earlier versions. */
export type AskDocument = Omit<AskRecord, 'trace'> & {
  readonly thread: string
  /** its number on the thread */
  readonly n: number
  /** those that have begun, in the order in which they ended; those at work are the last */
  readonly phases: readonly PhaseDocument[]
  /** what it waits to have decided, if it does */
  readonly proposal?: Proposal
  /** what it asks its user, if that is something */
  readonly consents?: readonly ConsentQuestion[]
}
/** How one phase of an ask stands. */
export type PhaseDocument = Omit<PhaseTrace, 'status' | 'selection'> & {
  readonly status: PhaseTrace['status'] | 'running'
}
/** What was said on a thread: a prompt, or the answer to it. Numbers go up, with gaps where there is no answer. */
export type ThreadMessage = {
  readonly n: number
  /** the id of its ask */
  readonly ask: string
  readonly role: 'user' | 'assistant'
  readonly text: string
  /** ms since the epoch */
  readonly at?: number
  /** what is done to it where a prompt has it; absent where none gets it any more, or yet */
  readonly inPrompts?: Shown
}

type Conversations = Pick<Runtime, 'threads' | 'thread' | 'messages' | 'askDocument'> & {
  /** The number of an ask; undefined when there is none of that id. */
  numberOf(thread: string, id: string): Promise<number | undefined>
}

/** What can be read of threads. */
export function readConversations({ view }: Pick<Engine, 'view'>): Conversations {
  const part = (thread: string, name: string) => readPart(view.parts, chainRef(thread), name)

  async function readAsk(thread: string, n: number, { context }: Pick<ChainState, 'context'>): Promise<AskDocument> {
    const { trace, ...record } = (await part(thread, askPart(n))) as unknown as AskRecord
    const standing = record.status === 'running' ? await underWay(thread, n) : { phases: trace.map(phaseOf) }
    return { thread, n, ...record, ...standing, ...consentsOf(context, record.id) }
  }

  async function underWay(thread: string, n: number): Promise<Pick<AskDocument, 'phases' | 'proposal'>> {
    const work = (await part(thread, workPart(n))) as Pick<Work, 'trace'> | undefined
    const current = (await peek(thread))?.current
    const { waiting = [], cycle = 1, proposal } = current?.n === n ? current : {}
    const running = waiting.map((phase) => ({ phase, cycle, status: 'running' as const, model: '' }))
    const phases = [...(work?.trace ?? []).map(phaseOf), ...running]
    return { phases, ...(proposal && { proposal: proposalIn(proposal) }) }
  }

  const readAsks = (thread: string, state: ChainState, first: number, last = state.asks) =>
    Promise.all(
      Array.from({ length: Math.max(0, Math.min(last, state.asks) - first + 1) }, (_, index) =>
        readAsk(thread, first + index, state),
      ),
    )

  const peek = async (thread: string) => (await view.peek(chainRef(thread))) as ChainState | undefined

  async function stateOf(thread: string): Promise<ChainState> {
    const state = await peek(thread)
    if (!state) throw new NotFoundError(`there is no thread ${thread}`)
    return state
  }

  async function numberOf(thread: string, id: string): Promise<number | undefined> {
    const known = askPlace(await part(thread, numberPart(id)))
    if (known) return known.n
    // those of earlier versions have no such part
    for await (const [name, record] of view.parts(chainRef(thread), { prefix: askPart('') }))
      if ((record as unknown as AskRecord).id === id) return Number(name.slice(askPart('').length))
    return undefined
  }

  return {
    numberOf,
    async threads({ owner, after, limit = 100 }: ListQuery = {}) {
      const where = { aside: null, ...ownedBy(owner) }
      const query = { where, sort: 'startedAt', descending: true, limit, ...placeIn(after) }
      return (await view.list('chain', query)).map(({ key, index }) => summaryOf(key, index))
    },
    async thread(id) {
      const state = await stateOf(id)
      const actor = await inspectOne(view, chainRef(id))
      return {
        ...summaryOf(id, actor?.cell?.index ?? {}),
        asks: await readAsks(id, state, Math.max(1, state.asks - SHOWN + 1)),
        ...consentsOf(state.context),
      }
    },
    async messages(thread, { after = 0, limit = 100 } = {}) {
      const said: ThreadMessage[] = []
      const state = await stateOf(thread)
      for (let n = Math.floor(after / 2) + 1; n <= state.asks && said.length < limit; n += SHOWN)
        said.push(...(await readAsks(thread, state, n, n + SHOWN - 1)).flatMap((ask) => messagesOf(ask, state)))
      return said.filter(({ n }) => n > after).slice(0, limit)
    },
    async askDocument(thread, id) {
      const n = await numberOf(thread, id)
      if (n === undefined) throw new NotFoundError(`there is no ask ${id} on thread ${thread}`)
      return readAsk(thread, n, await stateOf(thread))
    },
  }
}

/** Asks that are read at a time, and shown with their thread. */
const SHOWN = 100

function phaseOf({ phase, cycle, status, model }: PhaseTrace): PhaseDocument {
  return { phase, cycle, status, model }
}

function summaryOf(id: string, index: Index): ThreadSummary {
  const { status, asks, name, startedAt, updatedAt } = index
  return {
    ...{ id, owner: ownerOf(index), status: String(status), asked: Number(asks), updatedAt: Number(updatedAt) },
    ...(name !== undefined && { name: String(name) }),
    ...(startedAt !== undefined && { startedAt: Number(startedAt) }),
  }
}

function messagesOf(
  { n, id: ask, prompt, answer, status, askedAt, endedAt }: AskDocument,
  state: ChainState,
): readonly ThreadMessage[] {
  const about = (message: number, time: number | undefined) => ({
    ...(time !== undefined && { at: time }),
    ...shownIn(state, { n, message }),
  })
  const [own, other] = [promptNumber(n), answerNumber(n)]
  const said: ThreadMessage = { n: own, ask, role: 'user', text: prompt, ...about(own, askedAt) }
  if (status !== 'completed') return [said]
  return [said, { n: other, ask, role: 'assistant', text: answer, ...about(other, endedAt) }]
}

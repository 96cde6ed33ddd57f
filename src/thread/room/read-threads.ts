import { type Engine, inspectOne } from '../../engine/engine.ts'
import { InvalidError, NotFoundError } from '../../errors.ts'
import { KIND, threadRef } from '../../house/actors.ts'
import { type ListQuery, placeIn } from '../../house/paging.ts'
import { readSinglePart } from '../../kernel/parts.ts'
import type { ActorIndex } from '../../kernel/types.ts'
import type { FileRef } from '../../lib/media/file-ref.ts'
import { ownerFilter, ownerOf } from '../../lib/owner.ts'
import { workPartName } from '../actor/parts.ts'
import { treatmentOf } from '../actor/treatments.ts'
import type { AskWork, DecisionProposal, PendingProposal, PhaseTrace, ThreadState } from '../protocol/ask-state.ts'
import { goalKey, isAtWork } from '../protocol/ask-state.ts'
import { answerMessage, promptMessage, type Treatments, type Visibility } from '../protocol/context-operations.ts'
import type { AskDocument, ConsentQuestion, PhaseDocument, ThreadMessage, ThreadSummary, ThreadsPort } from './port.ts'
import { placeOfAsk, presentThread, recordAt, threadState } from './records.ts'

type ThreadReads = Pick<ThreadsPort, 'list' | 'get' | 'messages' | 'getAsk'> & {
  /** The number of an ask; undefined when no ask has that id. */
  numberOf(thread: string, id: string): Promise<number | undefined>
}

/**
 * Reads the reply of a goal to the message with this number; undefined: the goal has not gone on to a later message.
 * `isStopped`: the message was cancelled, and the reply is what was read of it.
 */
export type ReadReply = (goal: string, n: number, isStopped: boolean) => Promise<string | undefined>

/** Lists the files that a thread of an owner uses, the newest first. */
export type FilesOfThread = (thread: string, owner: string) => Promise<readonly FileRef[]>

export function readThreads(
  { view }: Pick<Engine, 'view'>,
  readReply: ReadReply,
  filesOf: FilesOfThread = async () => [],
): ThreadReads {
  async function readAsk(thread: string, n: number, { context }: Pick<ThreadState, 'context'>): Promise<AskDocument> {
    const { trace, ...record } = (await recordAt(view.parts, thread, n))!
    const standing = record.status === 'running' ? await underWay(thread, n) : { phases: trace.map(phaseOf) }
    return { thread, n, ...record, ...standing, ...consentsOf(context, record.id) }
  }

  async function underWay(thread: string, n: number): Promise<Pick<AskDocument, 'phases' | 'proposal'>> {
    const part = await readSinglePart(view.parts, threadRef(thread), workPartName(n))
    const work = part as Pick<AskWork, 'trace'> | undefined
    const current = (await threadState(view, thread))?.current
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

  /** An ask with its reply. The goal has it while it answers a later message, and until the thread knows it. */
  async function withReply(ask: AskDocument, { current }: ThreadState): Promise<AskDocument> {
    const { n, status, reply, goal = status === 'joined' ? current?.goal?.key : undefined } = ask
    if (goal === undefined || !(status === 'cancelled' ? reply === '' : isAtWork({ status }))) return ask
    const read = await readReply(goal, n, status === 'cancelled')
    return read === undefined ? ask : { ...ask, reply: read }
  }

  async function stateOf(thread: string): Promise<ThreadState> {
    const state = await presentThread(view, thread)
    if (!state) throw new NotFoundError(`There is no thread ${thread}.`)
    return state
  }

  async function numberOf(thread: string, id: string): Promise<number | undefined> {
    return (await placeOfAsk(view.parts, thread, id))?.n
  }

  return {
    numberOf,
    async list({ owner, after, limit = 100 }: ListQuery = {}) {
      const where = { aside: null, ...ownerFilter(owner) }
      const query = { where, sort: 'startedAt', descending: true, limit, ...placeIn(after) }
      return (await view.list(KIND.thread, query)).map(({ key, index }) => summaryOf(key, index))
    },
    async get(id) {
      const state = await stateOf(id)
      const actor = await inspectOne(view, threadRef(id))
      const files = await filesOf(id, ownerOf(state))
      return {
        ...summaryOf(id, actor?.cell?.index ?? {}),
        asks: await readAsks(id, state, Math.max(1, state.asks - SHOWN + 1)),
        ...(files.length > 0 && { files }),
        ...consentsOf(state.context),
      }
    },
    async messages(thread, { after = 0, limit = 100 } = {}) {
      const messages: ThreadMessage[] = []
      // nothing was said yet
      if (!(await threadState(view, thread))) return messages
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

/** The consent questions of a thread, or of one ask. Absent if there are none. */
export function consentsOf(context: Treatments = [], ask?: string): { readonly consents?: readonly ConsentQuestion[] } {
  const consents = context.flatMap(({ message, question }) => {
    if (!question || (ask !== undefined && question.ask !== ask)) return []
    return { message, ask: question.ask, length: question.length, since: question.at }
  })
  return consents.length === 0 ? {} : { consents }
}

/** How prompts show a message. Absent if they no longer include it. */
function shownIn(
  { context = [], remembered }: Pick<ThreadState, 'context' | 'remembered'>,
  { n, message }: { readonly n: number; readonly message: number },
): { readonly inPrompts?: Visibility } {
  return remembered.includes(n) ? { inPrompts: treatmentOf(context, message).inPrompts } : {}
}

/** The proposal without internal fields. */
export const proposalIn = ({ since: _, left: __, ...proposal }: PendingProposal): DecisionProposal => proposal

/** Maximum asks that are read at a time, and shown with their thread. */
const SHOWN = 100

const phaseOf = ({ phase, cycle, status, model }: PhaseTrace): PhaseDocument => ({ phase, cycle, status, model })

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
  {
    thread,
    n,
    id: ask,
    prompt,
    files,
    resultOf,
    answer,
    answerFiles,
    status,
    goal,
    reply,
    askedAt,
    endedAt,
  }: AskDocument,
  state: ThreadState,
): readonly ThreadMessage[] {
  const about = (message: number, time: number | undefined) => ({
    ...(time !== undefined && { at: time }),
    ...shownIn(state, { n, message }),
  })
  const [own, other] = [promptMessage(n), answerMessage(n)]
  const of = { ...(files && { files }), ...(resultOf && { resultOf }) }
  const question: ThreadMessage = { n: own, ask, role: 'user', text: prompt, ...of, ...about(own, askedAt) }
  // where a goal gave its messages one reply, it stands at that for which it began
  const isAnswered = status === 'completed' && (goal === undefined || goal === goalKey(thread, n))
  const text = reply ?? (isAnswered ? answer : '')
  // an answer that several messages share has its files there, too
  const made = isAnswered || reply !== undefined ? answerFiles : undefined
  if (text === '' && !made && !(isAnswered && reply === undefined)) return [question]
  return [question, { n: other, ask, role: 'assistant', text, ...(made && { files: made }), ...about(other, endedAt) }]
}

/**
 * Names and removes threads. `forget` removes goals and runs that have ended, with all that belongs to them; `hasOpen`
 * says whether results of calls of a goal may still come.
 */
export function threadChanges(
  engine: Engine,
  {
    forget,
    hasOpen,
  }: {
    forget(work: { readonly goals: readonly string[]; readonly runsOf: string }): Promise<void>
    hasOpen(goal: string): Promise<boolean>
  },
): Pick<ThreadsPort, 'name' | 'remove'> {
  return {
    async name(thread, name) {
      await engine.ask(threadRef(thread), { type: 'name', name })
    },
    async remove(thread) {
      const goalsOf = (asks: number) => Array.from({ length: asks }, (_, place) => goalKey(thread, place + 1))
      const state = await threadState(engine.view, thread)
      for (const goal of goalsOf(state?.removed ? 0 : (state?.asks ?? 0)))
        if (await hasOpen(goal)) throw callsOpen(thread, goal)
      const goals = goalsOf((await engine.ask(threadRef(thread), { type: 'remove' })) as number)
      // retention removes those that a crash leaves here
      await forget({ goals, runsOf: thread })
    },
  }
}

/** The error for a thread with calls that wait for a person although their message is answered. */
const callsOpen = (thread: string, goal: string) =>
  new InvalidError(`The thread ${thread} waits for the result of a call of the goal ${goal}.`, {
    code: 'thread_at_work',
    hint: `Decide about it, or cancel its run. To see it: antiphon agent show ${goal}`,
  })

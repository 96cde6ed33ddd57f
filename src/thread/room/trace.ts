import type { Budgets } from '../../budget/room/port.ts'
import { scopeOf } from '../../budget/scope.ts'
import { unlessMissing } from '../../errors.ts'
import { threadRef } from '../../house/actors.ts'
import type { ActorRef } from '../../kernel/types.ts'
import { citationOperation, noveltyOperation } from '../../ledger/operation.ts'
import type { LedgerPort } from '../../ledger/room/port.ts'
import type { ChainEvent } from '../protocol/ask-state.ts'
import { noAsk } from './decisions.ts'
import type { InboxItem } from './documents/inbox.ts'
import type { AskTrace, TracedPhase } from './documents/thread.ts'
import type { ThreadActors } from './follow-threads.ts'
import type { PhaseDocument, ThreadServing, ThreadsPort } from './port.ts'

type Parts = Pick<ThreadsPort, 'getAsk'> &
  Pick<ThreadServing, 'threadOfAsk'> & {
    readonly threads: Pick<ThreadActors, 'eventsSoFar' | 'ownerOfThread'>
    readonly budgets: Pick<Budgets, 'get'>
    readonly ledger?: Pick<LedgerPort, 'balance' | 'receipt'>
    /** The items of the inbox that an actor waits for. */
    itemsBelow(of: ActorRef): Promise<readonly InboxItem[]>
  }

type PhaseEvent = Extract<ChainEvent, { readonly type: 'phase-end' }>

/** Reads traces: the record of an ask, joined with its events. Nothing more is stored for them. */
export function traceReader({
  threads,
  getAsk,
  threadOfAsk,
  budgets,
  ledger,
  itemsBelow,
}: Parts): ThreadsPort['trace'] {
  async function eventsOf(thread: string, id: string) {
    const ended = new Map<string, PhaseEvent>()
    const decisions: AskTrace['decisions'][number][] = []
    for await (const { body } of threads.eventsSoFar(thread, id)) {
      const event = body as ChainEvent
      if (event.type === 'phase-end') ended.set(nameOf(event), event)
      if (event.type !== 'decision') continue
      const { cycle, decision, target, reason, at } = event
      decisions.push({ cycle, decision, ...(target !== undefined && { target }), reason, at })
    }
    return { ended, decisions }
  }

  function traced(phase: PhaseDocument, event: PhaseEvent | undefined): TracedPhase {
    if (!event) return phase
    const { text, ms, usage, cost, hits, calls, problem } = event
    return {
      ...phase,
      text,
      ms,
      ...(usage && { usage }),
      ...(cost !== undefined && { cost }),
      ...(hits && { hits: hits.map(shownHit) }),
      ...(calls && { calls }),
      ...(problem && { problem }),
    }
  }

  async function receiptsOf(id: string, owner: string | undefined, records: readonly string[]) {
    if (!ledger) return []
    const { account } = await ledger.balance(owner === undefined ? {} : { owner })
    const novelty = account === undefined ? [] : [noveltyOperation(id, account)]
    const operations = [...novelty, ...records.map((record) => citationOperation(id, record))]
    return (await Promise.all(operations.map((op) => ledger.receipt(op).catch(unlessMissing)))).filter(
      (one) => one !== undefined,
    )
  }

  return async (id, where = {}) => {
    const thread = await threadOfAsk(id, where)
    if (thread === undefined) throw noAsk(id)
    const [ask, { ended, decisions }, owner, budget] = await Promise.all([
      getAsk(thread, id),
      eventsOf(thread, id),
      threads.ownerOfThread(thread),
      budgets.get(scopeOf('thread', thread)).catch(unlessMissing),
    ])
    const phases = ask.phases.map((phase) => traced(phase, ended.get(nameOf(phase))))
    const costs = phases.flatMap(({ cost }) => cost ?? [])
    const records = [...new Set(ask.citations.flatMap(({ record }) => record ?? []))]
    return {
      ...ask,
      phases,
      decisions,
      ...(costs.length > 0 && { cost: costs.reduce((sum, cost) => sum + cost, 0) }),
      ...(budget && { budget: { limit: budget.limit, spent: budget.spent } }),
      receipts: await receiptsOf(id, owner, records),
      waits: ask.status === 'running' ? await itemsBelow(threadRef(thread)) : [],
    }
  }
}

const nameOf = ({ phase, cycle }: Pick<PhaseDocument, 'phase' | 'cycle'>) => `${cycle} ${phase}`

type EventHit = NonNullable<PhaseEvent['hits']>[number]

const shownHit = ({ vid, file, line, endLine, text, score, record, at }: EventHit) => ({
  vid,
  file,
  line,
  endLine,
  text,
  score,
  ...(record !== undefined && { record }),
  ...(at !== undefined && { at }),
})

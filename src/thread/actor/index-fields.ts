import type { ActorIndex } from '../../kernel/types.ts'
import { decisionWait, inboxSince } from '../../work/wait.ts'
import { type CurrentAsk, type ThreadState, traceOfAsk } from '../protocol/ask-state.ts'
import type { Treatments } from '../protocol/context-operations.ts'

/** The index fields of a thread. Its trace is that of the current or latest ask; the ask may wait for a decision. */
export function threadIndex(
  { asks, owner, name, startedAt, aside, context = [] }: ThreadState,
  status: string,
  updatedAt: number,
  ask: Pick<Partial<CurrentAsk>, 'id' | 'trace' | 'proposal' | 'parked' | 'since'> | null,
): ActorIndex {
  return {
    status,
    asks,
    updatedAt,
    ...(startedAt !== undefined && { startedAt }),
    ...(owner !== undefined && { owner }),
    ...(name !== undefined && { name }),
    ...(aside && { aside: 1 }),
    ...traceOfAsk(ask),
    ...(ask?.proposal && { waits: decisionWait(ask.id!) }),
    ...askedFirst(context),
    ...forPeople([
      ...(ask?.proposal ? [ask.proposal.since] : []),
      ...(ask?.parked && ask.since !== undefined ? [ask.since] : []),
      ...context.flatMap(({ question }) => question?.at ?? []),
    ]),
  }
}

/** The first ask with an open question to its user about a message. */
function askedFirst(context: Treatments): ActorIndex {
  const [first] = context.flatMap(({ question }) => question ?? []).toSorted((a, b) => a.at - b.at)
  return first ? { consent: first.ask } : {}
}

/** The earliest time since which people are asked something, or for money. */
const forPeople = (times: readonly number[]): ActorIndex => (times.length === 0 ? {} : inboxSince(Math.min(...times)))

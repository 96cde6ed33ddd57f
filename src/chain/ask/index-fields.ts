import type { Index } from '../../kernel/types.ts'
import { type ChainState, type Current, tracedBy } from '../protocol/ask-state.ts'
import type { Context } from '../protocol/context-operations.ts'

/** What lists show of a thread; its trace is that of the ask it is at, or was last, and that may wait for a decision. */
export function indexOf(
  { asks, owner, name, startedAt, aside, context = [] }: ChainState,
  status: string,
  updatedAt: number,
  ask: Pick<Partial<Current>, 'id' | 'trace' | 'proposal' | 'parked' | 'since'> | null,
): Index {
  return {
    ...{ status, asks, updatedAt },
    ...(startedAt !== undefined && { startedAt }),
    ...(owner !== undefined && { owner }),
    ...(name !== undefined && { name }),
    ...(aside && { aside: 1 }),
    ...tracedBy(ask),
    ...(ask?.proposal && { waits: decisionOn(ask.id!) }),
    ...askedFirst(context),
    ...forPeople([
      ...(ask?.proposal ? [ask.proposal.since] : []),
      ...(ask?.parked && ask.since !== undefined ? [ask.since] : []),
      ...context.flatMap(({ question }) => question?.at ?? []),
    ]),
  }
}

/** What an ask waits for that waits for a decision. */
export const decisionOn = (ask: string) => `decision:${ask}`

/** The ask that asked its user first what becomes of a message, as long as that is not answered. */
function askedFirst(context: Context): Index {
  const [first] = context.flatMap(({ question }) => question ?? []).toSorted((a, b) => a.at - b.at)
  return first ? { consent: first.ask } : {}
}

/** People are asked something, or for money, since the first of these times. */
function forPeople(times: readonly number[]): Index {
  return times.length === 0 ? {} : { inbox: 1, since: Math.min(...times) }
}

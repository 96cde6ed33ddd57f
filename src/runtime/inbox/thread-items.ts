import { type SuspendedCall, WAITING_PART } from '../../chain/phases/suspend-call.ts'
import type { ListedActor } from '../../engine/engine.ts'
import { readSinglePart } from '../../kernel/parts.ts'
import { ownerOf } from '../../lib/owner.ts'
import { truncate } from '../../model/text/strings.ts'
import { askPartName } from '../../thread/actor/parts.ts'
import type { AskRecord, ThreadState } from '../../thread/protocol/ask-state.ts'
import { askOfMessage } from '../../thread/protocol/context-operations.ts'
import { phaseRef, threadRef } from '../../thread/protocol/refs.ts'
import { NEEDS_NOTHING, needsMoney } from '../../work/inbox.ts'
import {
  type AskItem,
  type AskMoneyItem,
  type AskProviderItem,
  askedOf,
  type ConsentItem,
  type InboxItem,
  proposedIn,
} from '../ports/inbox.ts'
import { consentsOf } from '../threads/consents.ts'
import { type InboxReader, type InboxSource, waitsForBudget } from './source.ts'

/**
 * Threads whose ask waits for a decision, for money or long for its
 * provider, and threads with a question to their user.
 */
export const THREADS: InboxSource = { kind: 'chain', itemsOf }

/** The thread of an item, its owner, and the start of the wait. */
type About = Pick<ConsentItem, 'thread' | 'owner' | 'since'>

async function itemsOf(from: InboxReader, { key: thread, index }: ListedActor): Promise<readonly InboxItem[]> {
  const state = ((await from.view.peek(threadRef(thread))) ?? {}) as Partial<ThreadState>
  const about = { thread, owner: ownerOf(index), since: Number(index.since) }
  return [
    ...askItem(about, state),
    ...(await consentItem(from, about, state)),
    ...(await askWaitItems(from, about, state)),
  ]
}

function askItem(about: About, { current }: Partial<ThreadState>): readonly AskItem[] {
  if (!current?.proposal) return []
  return [{ kind: 'decision', ...about, ask: current.id, ...proposedIn(current.proposal) }]
}

async function consentItem(
  from: InboxReader,
  about: About,
  { context }: Partial<ThreadState>,
): Promise<readonly ConsentItem[]> {
  const { consents = [] } = consentsOf(context)
  const [first] = consents.toSorted((a, b) => a.since - b.since)
  if (!first) return []
  const questions = consents.map(async (one) => ({ ...one, text: await beginningOf(from, about.thread, one.message) }))
  return [{ kind: 'consent', ...about, ask: first.ask, ...askedOf(await Promise.all(questions)) }]
}

/** Budgets and providers that the current ask waits for. Phases that wait for the same budget count once. */
async function askWaitItems(
  from: InboxReader,
  about: About,
  { current }: Partial<ThreadState>,
): Promise<readonly (AskMoneyItem | AskProviderItem)[]> {
  const items = new Map<string, AskMoneyItem | AskProviderItem>()
  for (const phase of current?.parked ?? []) {
    const of = phaseRef(threadRef(about.thread).key, phase)
    const parked = (await readSinglePart(from.view.parts, of, WAITING_PART)) as SuspendedCall | undefined
    if (parked?.provider?.long) {
      const { title, provider } = parked
      const { since, until } = provider
      const facts = { ask: current!.id, title, until, ...NEEDS_NOTHING }
      items.set(`provider/${phase}`, { kind: 'provider', ...about, since, ...facts })
    }
    if (parked?.scope === undefined || !(await waitsForBudget(from, parked.scope, of))) continue
    const { scope, title = 'There is too little money.' } = parked
    if (!items.has(scope)) items.set(scope, { kind: 'money', ...about, ask: current!.id, title, ...needsMoney(scope) })
  }
  return [...items.values()]
}

/** Characters of a message that a list shows. */
const BEGINNING = 200

async function beginningOf({ view }: InboxReader, thread: string, message: number): Promise<string> {
  const part = askPartName(askOfMessage(message))
  const { prompt } = (await readSinglePart(view.parts, threadRef(thread), part)) as AskRecord
  return truncate(prompt, BEGINNING)
}

import type { EngineView, ListedActor } from '../../engine/engine.ts'
import { threadRef } from '../../house/actors.ts'
import { readSinglePart } from '../../kernel/parts.ts'
import { ownerOf } from '../../lib/owner.ts'
import { truncate } from '../../model/text/strings.ts'
import { askPartName } from '../actor/parts.ts'
import type { AskRecord, PendingProposal, ThreadState } from '../protocol/ask-state.ts'
import { askOfMessage } from '../protocol/context-operations.ts'
import { describeProposal } from '../protocol/cycle-decision.ts'
import type { AskItem, ConsentItem } from './documents/inbox.ts'
import { consentsOf, proposalIn } from './read-threads.ts'

/** The thread of an item, its owner, and the start of the wait. */
export type ThreadOfItem = Pick<ConsentItem, 'thread' | 'owner' | 'since'>

/**
 * The items of the inbox for a thread: the decision that its ask waits for, and the question to its user. `waits` gives
 * those that its ask waits for otherwise.
 */
export async function threadItems<Wait>(
  view: EngineView,
  { key: thread, index }: ListedActor,
  waits: (about: ThreadOfItem, current: NonNullable<ThreadState['current']>) => Promise<readonly Wait[]>,
): Promise<readonly (AskItem | ConsentItem | Wait)[]> {
  const { current, context } = ((await view.peek(threadRef(thread))) ?? {}) as Partial<ThreadState>
  const about = { thread, owner: ownerOf(index), since: Number(index.since) }
  return [
    ...(current?.proposal ? [askItem(about, current.id, current.proposal)] : []),
    ...(await consentItem(view, about, context)),
    ...(current ? await waits(about, current) : []),
  ]
}

function askItem(about: ThreadOfItem, ask: string, proposed: PendingProposal): AskItem {
  const proposal = proposalIn(proposed)
  const choices = proposal.mayLoop ? (['accept', 'yield', 'loop'] as const) : (['accept', 'yield'] as const)
  const title = describeProposal(proposal)
  return { kind: 'decision', ...about, ask, title, proposal, expects: { type: 'decision', choices } }
}

async function consentItem(
  view: EngineView,
  about: ThreadOfItem,
  context: ThreadState['context'],
): Promise<readonly ConsentItem[]> {
  const { consents = [] } = consentsOf(context)
  const [first] = consents.toSorted((a, b) => a.since - b.since)
  if (!first) return []
  const questions = consents.map(async (one) => ({ ...one, text: await beginningOf(view, about.thread, one.message) }))
  const messages = await Promise.all(questions)
  const what = messages.length === 1 ? 'a long message' : `${messages.length} long messages`
  return [
    {
      kind: 'consent',
      ...about,
      ask: first.ask,
      title: `May prompts have a summary of ${what}?`,
      messages,
      expects: { type: 'consent', choices: ['keep', 'summarise', 'remove'] },
    },
  ]
}

/** Characters of a message that a list shows. */
const BEGINNING = 200

async function beginningOf(view: EngineView, thread: string, message: number): Promise<string> {
  const part = askPartName(askOfMessage(message))
  const { prompt } = (await readSinglePart(view.parts, threadRef(thread), part)) as AskRecord
  return truncate(prompt, BEGINNING)
}

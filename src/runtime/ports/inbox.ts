import type { DecisionProposal, PendingProposal } from '../../chain/protocol/ask-state.ts'
import { describeProposal } from '../../chain/protocol/recursion.ts'
import type { Json } from '../../kernel/schema.ts'
import type { InboxPrompt } from '../../pipeline/tools/inbox/inbox-prompt.ts'
import { encodeCursor, type ListQuery } from './paging.ts'
import type { AskDecision, ConsentAnswer, Consented, ConsentQuestion, Decided } from './threads.ts'

/** Everything that waits for people, and the answers to questions that wait. A step is answered by `runs.signal`. */
export interface InboxPort {
  /** Lists what waits for people, the longest wait first; with `run` only the steps of that run. */
  readonly list: ListInbox
  /**
   * Decides how a waiting ask continues (`recursion: 'step'`). Resolves when the decision is
   * durable. The same `id` decides once. Without `thread`, the runtime looks for the thread.
   * @throws NotFoundError if the ask does not exist; InvalidError `not_waiting` if it does not
   * wait, `no_more_cycles` if it cannot loop again
   */
  decide(
    ask: string,
    decision: AskDecision,
    options?: { readonly id?: string; readonly thread?: string },
  ): Promise<Decided>
  /**
   * Says how prompts show long messages of a thread, from its next question on. NotFoundError for a message that prompts no longer
   * contain.
   */
  consent(
    ask: string,
    answers: readonly ConsentAnswer[],
    options?: { readonly thread?: string },
  ): Promise<readonly Consented[]>
}

/** A query of the inbox. `run` selects the steps of one run. */
export type InboxQuery = ListQuery & { readonly run?: string }

/** Lists what waits for people, the longest first; of one run its steps alone. */
export type ListInbox = {
  (query: InboxQuery & { readonly run: string }): Promise<readonly StepItem[]>
  (query?: InboxQuery): Promise<readonly InboxItem[]>
}

/** An item that waits for people: a step, an ask, consent to message summaries, or a budget. */
export type InboxItem = StepItem | AskItem | ConsentItem | AskMoneyItem

/** A step that waits for a signal; times in ms since the epoch. */
export type StepItem = Omit<InboxPrompt, 'content'> & {
  readonly run: string
  readonly owner: string
  readonly step: string
  /** name of the signal that answers it; `budget:SCOPE`: raise that budget instead */
  readonly signal: string
  readonly since: number
  /** when it waits no longer */
  readonly until?: number
  /** what it is about; cut at 16 KiB */
  readonly content?: Json
}

type OnThread = {
  readonly thread: string
  readonly owner: string
  /** since when the thread waits for people, ms since the epoch */
  readonly since: number
  /** in some words, what waits: what is proposed, asked, or missing */
  readonly title: string
}

/** A question that waits for a decision: `inbox.decide` gives it. */
export type AskItem = OnThread & {
  readonly kind: 'decision'
  readonly ask: string
  readonly proposal: DecisionProposal
  readonly expects: { readonly type: 'decision'; readonly choices: readonly AskDecision['decision'][] }
}

/**
 * A consent question to the user of a thread; no work waits for it. `inbox.consent` answers it,
 * with any ask of the thread.
 */
export type ConsentItem = OnThread & {
  readonly kind: 'consent'
  /** the one that asked first */
  readonly ask: string
  /** `text`: the beginning */
  readonly messages: readonly (ConsentQuestion & { readonly text: string })[]
  readonly expects: { readonly type: 'consent'; readonly choices: readonly ConsentAnswer['answer'][] }
}

/** A question that waits for money: it goes on when its budget is raised. */
export type AskMoneyItem = OnThread & {
  readonly kind: 'money'
  readonly ask: string
  /** `budget:SCOPE`: no signal, that budget is to be raised */
  readonly signal: string
  readonly expects: { readonly type: 'money' }
}

/** Whether it is a step that waits, for a signal or for money. */
export function isStep(item: InboxItem): item is StepItem {
  return 'run' in item
}

/** The inbox fields of a consent question. */
export function askedOf(messages: ConsentItem['messages']): Pick<ConsentItem, 'title' | 'messages' | 'expects'> {
  const what = messages.length === 1 ? 'a long message' : `${messages.length} long messages`
  return {
    title: `May prompts have a summary of ${what}?`,
    messages,
    expects: { type: 'consent', choices: ['keep', 'summarise', 'remove'] },
  }
}

/** The proposal without internal fields. */
export function proposalIn({ since: _, left: __, ...proposal }: PendingProposal): DecisionProposal {
  return proposal
}

/** The inbox fields of a proposal. */
export function proposedIn(proposed: PendingProposal): Pick<AskItem, 'title' | 'proposal' | 'expects'> {
  const proposal = proposalIn(proposed)
  const choices = proposal.mayLoop ? (['accept', 'yield', 'loop'] as const) : (['accept', 'yield'] as const)
  return { title: describeProposal(proposal), proposal, expects: { type: 'decision', choices } }
}

/** The cursor behind an item in the inbox. */
export const cursorOfItem = (item: InboxItem): string =>
  encodeCursor(item.since, isStep(item) ? `${item.run}.${item.step}` : item.thread)

import { encodeCursor, type ListQuery } from '../../house/paging.ts'
import type { StepItem } from '../../run/room/documents.ts'
import type { FactItem, GoalItem, InboxItem } from '../../thread/room/documents/inbox.ts'
import type { AskDecision, ConsentAnswer, Consented, Decided } from '../../thread/room/port.ts'

export type { StepItem } from '../../run/room/documents.ts'
export type { GoalItem } from '../../thread/room/documents/inbox.ts'

/** Everything that waits for people, and the answers to waiting questions. `runs.signal` answers a step. */
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
   * Sets how prompts show long messages of a thread, from its next question
   * on. NotFoundError for a message that prompts no longer contain.
   */
  consent(
    ask: string,
    answers: readonly ConsentAnswer[],
    options?: { readonly thread?: string },
  ): Promise<readonly Consented[]>
}

/**
 * A query of the inbox. `run` selects the steps of one run; `goal` and `thread` select what waits there and in the work
 * below. With one of these and `content: 'whole'`, contents of steps are not cut. With `content: 'none'`, they are not
 * read. `agent` selects what waits for an agent, and `tool` the calls of a tool by its name with its operation.
 */
export type InboxQuery = ListQuery & {
  readonly run?: string
  readonly goal?: string
  readonly thread?: string
  readonly agent?: string
  readonly tool?: string
  readonly content?: 'whole' | 'none'
}

/** Lists what waits for people, longest wait first; with a run only the steps of that run. */
export type ListInbox = {
  (query: InboxQuery & { readonly run: string }): Promise<readonly StepItem[]>
  (query?: InboxQuery): Promise<readonly InboxItem[]>
}

/** Whether it is a waiting step: for a signal or for money. */
export const isStep = (item: InboxItem): item is StepItem => 'run' in item

/** Whether it is a goal that waits. */
export const isGoal = (item: InboxItem): item is GoalItem => item.kind === 'goal'

/** Whether it is a proposed fact. */
export const isFact = (item: InboxItem): item is FactItem => item.kind === 'fact'

/** The cursor of an item in the inbox. */
export const cursorOfItem = (item: InboxItem): string => encodeCursor(item.since, keyOf(item))

function keyOf(item: InboxItem): string {
  if (isStep(item)) return `${item.run}.${item.step}`
  if (isFact(item)) return `${item.owner}/${item.record}`
  return isGoal(item) ? item.goal : item.thread
}

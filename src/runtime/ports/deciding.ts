import type { ConsentAnswer, Consented } from '../threads/consents.ts'
import type { AskDecision, Decided } from '../threads/decisions.ts'

/** What a runtime does with questions that are known by their ids alone. */
export interface Deciding {
  /**
   * Decides how a question goes on that waits for that (`recursion: 'step'`), and resolves with the decision once it is durable. NotFoundError
   * when there is none; InvalidError `not_waiting` when it does not wait, `no_more_cycles` when it cannot go round again. The same `id` decides once.
   * `thread`: its thread, looked for when absent.
   */
  decideAsk(
    ask: string,
    decision: AskDecision,
    options?: { readonly id?: string; readonly thread?: string },
  ): Promise<Decided>
  /**
   * The thread of a question; undefined when there is none, or when it was asked more than a day ago, waits for nobody, and lies on none of the
   * hundred newest threads (of `owner`). With `thread` only that is looked at.
   */
  threadOfAsk(ask: string, where?: { readonly thread?: string; readonly owner?: string }): Promise<string | undefined>
  /** Says what becomes of messages in the prompts of its thread from the next question on. NotFoundError for one that no prompt gets any more. */
  consentAsk(
    ask: string,
    answers: readonly ConsentAnswer[],
    options?: { readonly thread?: string },
  ): Promise<readonly Consented[]>
}

import type { LedgerReceipt } from '../../ledger/entry.ts'
import type { AskRewardsDocument, Prior, Sharing } from './documents.ts'

/** A citation to pay. `value`: whole base units above zero, as a text or a safe number. */
type CitationRequest = {
  readonly citedRecord: string
  readonly citingAsk: string
  readonly value: string | number
}

/** Prompts that owners have shared, and the rewards for them. */
export interface PriorsPort {
  /** Whether an owner (absent: the local user) has agreed to share its prompts. Error `sharing_off` if nobody may. */
  sharing(options?: { readonly owner?: string }): Promise<Sharing>
  /**
   * Notes that an owner agrees to share the prompts of its asks, or no longer does; resolves when it is durable. An ask
   * that is answered afterwards shares its prompt unless it says otherwise. Error `sharing_off` if nobody may.
   */
  setSharing(agreed: boolean, options?: { readonly owner?: string }): Promise<Sharing>
  /** A shared prompt. NotFoundError when there is none. */
  get(id: string): Promise<Prior>
  /** Removes a shared prompt. With `owner`, NotFoundError for one of another owner. */
  forget(id: string, options?: { readonly owner?: string }): Promise<void>
  /** The rewards of an ask for its prompt and its citations. NotFoundError while there is nothing of it. */
  rewards(ask: string, options?: { readonly owner?: string }): Promise<AskRewardsDocument>
  /**
   * Pays the author of a prior for a citation by a completed ask that has found it; resolves when it is durable. The
   * same citation gives the same receipt. NotFoundError for an unknown prior or ask, error `ask_not_completed`,
   * `not_retrieved`, `self_citation` or `bad_amount` for a wrong one. Then nothing is paid.
   */
  recordCitation(request: CitationRequest): Promise<LedgerReceipt>
  /** Removes all shared prompts of an owner, or counts its asks here (`dryRun`). May be repeated. */
  forgetOwner(owner: string, options: { readonly dryRun: boolean }): Promise<number>
}

/** Shared prompts as a caller may use them. */
export interface PriorsView extends Pick<PriorsPort, 'get' | 'recordCitation'> {
  sharing(): Promise<Sharing>
  setSharing(agreed: boolean): Promise<Sharing>
  forget(id: string): Promise<void>
  rewards(ask: string): Promise<AskRewardsDocument>
}

import type { Page } from '../../house/common-fields.ts'
import type { PageQuery } from '../../house/paging.ts'
import type { Reward } from '../account.ts'
import type { LedgerEntry, LedgerReceipt } from '../entry.ts'
import type { LedgerCheck } from '../verify.ts'
import type { LedgerAddress, LedgerBalance, SettlementReport } from './documents.ts'

/** The ledger of a runtime. All methods reject with `ledger_off` until antiphon.yaml says `ledger: local`. */
export interface LedgerPort {
  /** The balance of an owner (absent: the local user); zero before the first reward. */
  balance(options?: { readonly owner?: string }): Promise<LedgerBalance>
  /** Entries, the newest first: those of an owner, or all. `after` is the number of an entry. */
  history(query?: PageQuery & { readonly owner?: string }): Promise<readonly LedgerEntry[]>
  /** The receipt of an operation. NotFoundError when it is not booked, or paid another than `owner`. */
  receipt(op: string, options?: { readonly owner?: string }): Promise<LedgerReceipt>
  /** Marks a citation as read, durably and for its owner. NotFoundError unless the entry is one that paid the owner. */
  markRead(n: number, options?: { readonly owner?: string }): Promise<void>
  /** Which of these entries of an owner are marked as read. */
  readAmong(entries: readonly number[], options?: { readonly owner?: string }): Promise<ReadonlySet<number>>
  /** Where citations of an owner are paid. `chain`: also what the address has there. Error `settlement_off`. */
  address(options?: { readonly owner?: string; readonly chain?: boolean }): Promise<LedgerAddress>
  /** Notes that an owner agrees to be paid at an address from now on, or no longer does (null). InvalidError. */
  setAddress(to: NewAddress, options?: { readonly owner?: string }): Promise<LedgerAddress>
  /**
   * Pays what is due until there is nothing more, until the chain lets it wait, or after 64 steps; `isDue` then says
   * that the timer goes on. `signs: false`: signs nothing, and the timer pays what is due later.
   */
  settle(options?: { readonly signs?: boolean }): Promise<SettlementReport>
  /** All entries that exist now as lines of JSON, in pieces of whole lines. The reader sets the pace. */
  export(): AsyncIterable<string>
  /** Checks an export, or the stored ledger (absent). Resolves with the first damage, if any. */
  verify(pieces?: AsyncIterable<string | Uint8Array>): Promise<LedgerCheck>
  /**
   * Books a reward for an owner; resolves when it is durable. The same reward gives the same receipt. Only programs
   * can: no operation calls it.
   */
  book(owner: string, reward: Reward): Promise<LedgerReceipt>
}

/** An address, with the agreement that payments to it stay public for good; null takes it back. */
type NewAddress = { readonly address: string; readonly agreed: true } | { readonly address: null }

/** The ledger as a caller may use it: its own balance, entries and receipts, or all for an admin. */
export interface LedgerView {
  balance(query?: { readonly owner?: string }): Promise<LedgerBalance>
  history(query: PageQuery & { readonly owner?: string; readonly limit: number }): Promise<Page<LedgerEntry>>
  receipt(op: string): Promise<LedgerReceipt>
  address(query?: { readonly chain?: boolean }): Promise<LedgerAddress>
  setAddress(to: NewAddress): Promise<LedgerAddress>
  settle(options?: { readonly signs?: boolean }): Promise<SettlementReport>
  markRead(n: number): Promise<void>
  readAmong(entries: readonly number[], query: { readonly owner: string }): Promise<ReadonlySet<number>>
  export(): AsyncIterable<string>
}

/** The ledger as a client of a server uses it. */
export type LedgerClient = Omit<LedgerView, 'history' | 'markRead' | 'readAmong'> & Pick<LedgerPort, 'history'>

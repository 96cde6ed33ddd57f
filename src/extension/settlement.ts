/**
 * Pays citations of the ledger outside, as in a coin of a blockchain. The ledger decides which transaction is sent, and
 * commits it before. Answers of a node are not trusted: the chain itself refuses a second payment.
 */
export interface LedgerSettlement {
  /** The chain and the coin, as a text. A treasury that has paid at one place pays at no other. Absent: one place. */
  readonly place?: string
  /** An address as it is stored. InvalidError if it is none. */
  readAddress(given: string): string
  /**
   * Makes and signs the transaction for these payments, and sends nothing. Refuses a payment that the chain would
   * refuse. Rejects when the chain cannot be asked; then nothing is signed.
   */
  sign(payments: readonly Payment[]): Promise<Signing>
  /** Looks a transaction up by its digest. */
  statusOf(transaction: SignedTransaction): Promise<Landing>
  /** Sends these very bytes with this signature. May be repeated. */
  submit(transaction: SignedTransaction): Promise<Landing>
  /** The base units that an address has. */
  balanceOf(address: string): Promise<string>
}

/** A citation to pay. `citing`, `cited`: SHA-256 of the ids of the ask and the record, as 64 digits: no text leaves. */
export type Payment = {
  /** the number of its entry in the ledger */
  readonly n: number
  readonly citing: string
  readonly cited: string
  /** base units */
  readonly amount: string
  readonly to: string
}

/** A transaction as it is sent. `bytes` and `signature` in base64. */
export type SignedTransaction = { readonly bytes: string; readonly signature: string; readonly digest: string }

/** A signed transaction, or the payment that the chain would refuse, such as with `already_paid`. */
export type Signing =
  | { readonly status: 'signed'; readonly transaction: SignedTransaction }
  | ({ readonly status: 'refused' } & RefusedPayment)

/** A payment that the chain refuses. `at`: its place among the payments. */
export type RefusedPayment = { readonly at: number; readonly code: string }

/** The fate of a transaction. */
export type Landing =
  | { readonly status: 'landed' }
  /** it is on the chain and paid nothing; `refused`: the payment that was the reason */
  | { readonly status: 'failed'; readonly why: string; readonly refused?: RefusedPayment }
  /** it is not on the chain, and may still arrive */
  | { readonly status: 'unknown'; readonly why: string }
  /** it is not on the chain and never will be */
  | { readonly status: 'void'; readonly why: string }

/** `settlement` under `ledger:` in antiphon.yaml, and the key that signs. */
export type SettlementTerms = {
  readonly settings: { readonly treasury: string; readonly [name: string]: string }
  /** The value of the secret that `key` names. */
  key(): Promise<string>
}

/** Opens the settlement of an extension. InvalidError for wrong settings. */
export type OpenSettlement = (terms: SettlementTerms) => LedgerSettlement

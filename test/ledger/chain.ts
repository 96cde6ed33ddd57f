import { hash } from 'node:crypto'
import type { Landing, LedgerSettlement, Payment, SignedTransaction, Signing } from '../../src/extension/settlement.ts'

/** The fault of one call: the answer is lost, nothing arrives, or another wallet used the treasury before. */
export type ChainFault = 'lost' | 'down' | 'stale'

/**
 * A chain in memory that takes each transaction whose version of the treasury is the newest. Unlike the Move package it
 * does not look at pairs: only the one who sends keeps it from paying twice.
 */
export class MemoryChain implements LedgerSettlement {
  place = 'main'
  version = 1
  /** the numbers of entries in the order in which they were paid */
  readonly paid: number[] = []
  readonly to: string[] = []
  readonly sent: string[] = []
  signed = 0
  /** the fault of the next submission */
  fault: (digest: string) => ChainFault | undefined = () => undefined
  /** payments that it refuses, by their entry */
  readonly refuses = new Map<number, string>()
  readonly #landed = new Set<string>()

  readAddress(given: string): string {
    return given.toLowerCase()
  }

  async sign(payments: readonly Payment[]): Promise<Signing> {
    const at = payments.findIndex(({ n }) => this.refuses.has(n))
    if (at >= 0) return { status: 'refused', at, code: this.refuses.get(payments[at]!.n)! }
    // the same payments, signed again, are another transaction
    const bytes = JSON.stringify({ version: this.version, payments, nonce: ++this.signed })
    return { status: 'signed', transaction: { bytes, signature: 'signed', digest: hash('sha256', bytes, 'hex') } }
  }

  async statusOf({ bytes, digest }: SignedTransaction): Promise<Landing> {
    if (this.#landed.has(digest)) return { status: 'landed' }
    const { version } = JSON.parse(bytes) as { version: number }
    if (version < this.version) return { status: 'void', why: 'The treasury has a newer version.' }
    return { status: 'unknown', why: 'The chain does not know it.' }
  }

  async submit(transaction: SignedTransaction): Promise<Landing> {
    const { bytes, digest } = transaction
    this.sent.push(digest)
    const fault = this.fault(digest)
    if (fault === 'stale') this.version++
    if (fault === 'down') throw new Error('The node is down.')
    const known = await this.statusOf(transaction)
    if (known.status !== 'unknown') return known
    const { payments } = JSON.parse(bytes) as { payments: readonly Payment[] }
    this.version++
    this.#landed.add(digest)
    this.paid.push(...payments.map(({ n }) => n))
    this.to.push(...payments.map(({ to }) => to))
    if (fault === 'lost') throw new Error('The answer is lost.')
    return { status: 'landed' }
  }

  async balanceOf(address: string): Promise<string> {
    return String(this.to.filter((to) => to === address).length)
  }
}

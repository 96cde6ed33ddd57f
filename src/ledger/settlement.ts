/**
 * Pays citations outside of the ledger, in batches. The ledger stays the truth: this actor follows its entries, and
 * has one transaction in flight. A transaction is committed before it is sent, so a kill never makes a second one.
 */

import { hash } from 'node:crypto'
import { z } from 'zod'
import { problemOf, TerminalError } from '../errors.ts'
import type { Landing, LedgerSettlement, Payment, SignedTransaction, Signing } from '../extension/settlement.ts'
import { defineActor } from '../kernel/turn.ts'
import type { Actor, ActorRef, Effects, Turn } from '../kernel/types.ts'
import { clip } from '../lib/clip.ts'
import { present } from '../lib/json/present.ts'
import type { LedgerEntry } from './entry.ts'

/** The kind of the actors that settle. Their key is the treasury that pays. */
export const SETTLEMENT_KIND = 'settlement'
/** The settlement of a treasury. */
export const settlementRef = (treasury: string): ActorRef => ({ kind: SETTLEMENT_KIND, key: treasury })

/** The cell of a settlement. Amounts in base units. */
export type SettlementState = {
  /** the last entry of the ledger that needs no look */
  readonly at: number
  readonly paid: number
  readonly units: string
  readonly flight?: Flight
  /** the newest citations that the chain refused */
  readonly refused?: readonly { readonly n: number; readonly code: string }[]
  /** the chain of its first transaction, as the settlement names it */
  readonly place?: string
  /** why nothing is paid now */
  readonly problem?: string
  /** absent: no citation waits. `person`: it tries again only when a person says so */
  readonly wakes?: 'timer' | 'person'
}

/** The transaction in flight. `at`: the last entry that needs no look once it has landed. */
type Flight = {
  readonly transaction: SignedTransaction
  readonly payments: readonly { readonly n: number; readonly amount: string }[]
  readonly at: number
  readonly since: number
  readonly tries: number
}

/** The address of an account. Entries after `from` are paid to it. */
type AddressPart = { readonly address: string; readonly from: number }
/** The end of an entry: the transaction that paid it, or why the chain never will. */
type SettledPart = { readonly digest: string } | { readonly refused: string }

/** The part with the address of an account. */
const addressPartName = (account: string): string => `address/${account}`
/** The part of an entry that needs no payment any more. */
const settledPartName = (n: number): string => `entry/${n}`

const message = z.discriminatedUnion('type', [
  z.object({ type: z.literal('booked') }),
  z.object({ type: z.literal('address'), account: z.string(), address: z.string().nullable() }),
  z.object({ type: z.literal('step'), signs: z.boolean().exactOptional() }),
])
type Message = z.infer<typeof message>

/** Entries of the ledger after a number. `last`: the last one that was looked at; `more`: others follow. */
export type CitationsRead = {
  readonly citations: readonly Pick<LedgerEntry, 'n' | 'op' | 'account' | 'amount'>[]
  readonly last: number
  readonly more: boolean
}

type Lent = {
  /** The settlement of this treasury. Error `settlement_off` if antiphon.yaml names another one. */
  settlement(treasury: string): Promise<LedgerSettlement>
  /** the number of the last entry of the ledger */
  head(): Promise<number>
  citationsAfter(n: number): Promise<CitationsRead>
}

/** Citations in a transaction. */
const MAX_BATCH = 64
/** Refused citations that stay in its state. */
const MAX_REFUSED = 100
/** ms until booked citations are paid, so that several of them share a transaction. */
const GATHER_MS = 5_000
/** ms until the chain is asked again, at first and at most. */
const AGAIN_MS = [5_000, 600_000] as const

const IDEMPOTENT = { effect: 'idempotent' } as const
/** The name of its timer, as `antiphon why` shows it. */
const TIMER = 'settle'

/** `settlement/TREASURY`: knows the addresses of accounts, and takes one step for each message: it signs, or sends. */
export function settlementActor(lent: Lent): Actor<SettlementState, Message> {
  return defineActor<SettlementState, Message>({
    kind: SETTLEMENT_KIND,
    message,
    initial: () => ({ at: 0, paid: 0, units: '0' }),
    notice: () => ({}),
    async receive(state, asked, effects) {
      const turn = await take(state, asked, effects, lent)
      return turn.state ? { ...turn, index: { stands: standing(turn.state) } } : turn
    },
  })
}

async function take(
  state: SettlementState,
  asked: Message,
  effects: Effects,
  lent: Lent,
): Promise<Turn<SettlementState>> {
  switch (asked.type) {
    case 'booked':
      return state.wakes ? {} : after(state, GATHER_MS)
    case 'address':
      return setAddress(asked, effects, lent)
    case 'step': {
      const { flight, problem: _, wakes: __, ...rest } = state
      const signs = asked.signs !== false
      if (!flight && !signs) return { reply: state }
      try {
        if (!flight) return answered(await sign(rest, effects, lent))
        // the next batch is signed by a later step of the timer, never by a caller that signs nothing
        return answered(await land(rest, flight, effects, lent, signs ? 0 : GATHER_MS))
      } catch (error) {
        // a dead letter would leave it without a timer
        if (!(error instanceof TerminalError)) throw error
        return answered(after({ ...state, problem: error.message }, AGAIN_MS[1]))
      }
    }
  }
}

/** Says what is in flight, awaited or refused, as `antiphon why` shows it. */
function standing({ flight, problem, wakes, refused: { length } = [] }: SettlementState): string {
  const sent =
    flight && `transaction ${flight.transaction.digest} with ${flight.payments.length} citations is in flight`
  const facts = [
    sent ?? (wakes === 'timer' ? 'citations are due' : wakes ? 'citations wait for a person' : 'nothing is in flight'),
    length > 0 ? `; the chain refused ${length} citations, which antiphon ledger settle lists` : '',
    problem === undefined ? '' : `. ${clip(problem, 300)}`,
    wakes === 'person' ? ' To try again: antiphon ledger settle' : '',
  ]
  return facts.join('')
}

type Rest = Omit<SettlementState, 'flight' | 'problem' | 'wakes'>

const after = (state: SettlementState, delay: number): Turn<SettlementState> => ({
  state: { ...state, wakes: 'timer' },
  timers: { [TIMER]: { delay, body: { type: 'step' } } },
})

/** The turn of a step: without a timer of its own there is nothing to wait for. */
const answered = (turn: Turn<SettlementState>): Turn<SettlementState> => ({
  timers: { [TIMER]: null },
  ...turn,
  reply: turn.state!,
})

async function setAddress(
  { account, address }: Extract<Message, { readonly type: 'address' }>,
  effects: Effects,
  { head }: Lent,
): Promise<Turn<SettlementState>> {
  const name = addressPartName(account)
  if (address === null) return { parts: { [name]: null } }
  // citations before the owner agreed stay in the ledger alone
  const known = (await effects.part(name)) as AddressPart | undefined
  const from = known?.from ?? (await effects.run('head', head, IDEMPOTENT))
  return { parts: { [name]: { address, from } satisfies AddressPart } }
}

/** Signs the next batch. The commit of this turn holds all that is sent later. */
async function sign(state: Rest, effects: Effects, lent: Lent): Promise<Turn<SettlementState>> {
  const read = await effects.run('read', () => lent.citationsAfter(state.at), IDEMPOTENT)
  const payments: Payment[] = []
  let at = read.last
  for (const entry of read.citations) {
    const to = await addressFor(entry, effects)
    if (to !== undefined) payments.push(paymentOf(entry, to))
    if (payments.length === MAX_BATCH) {
      at = entry.n
      break
    }
  }
  const isMore = read.more || at < read.last
  if (payments.length === 0) return isMore ? after({ ...state, at }, 0) : { state: { ...state, at } }
  const signing = await effects.run('sign', () => signOrSay(lent, effects.self.key, state, payments), IDEMPOTENT)
  switch (signing.status) {
    case 'signed': {
      const { transaction, place } = signing
      const flown = payments.map(({ n, amount }) => ({ n, amount }))
      const since = effects.message.createdAt
      return after({ ...state, ...place, flight: { transaction, payments: flown, at, since, tries: 0 } }, 0)
    }
    case 'refused':
      return refused(state, payments[signing.at]!.n, signing.code, 0)
    case 'unasked':
      return after({ ...state, problem: signing.why }, AGAIN_MS[1])
  }
}

/** The address that an entry is paid to; undefined: its owner has not agreed, or the entry is settled. */
async function addressFor({ n, account }: { n: number; account: string }, effects: Effects) {
  const known = (await effects.part(addressPartName(account))) as AddressPart | undefined
  if (!known || n <= known.from || (await effects.part(settledPartName(n)))) return undefined
  return known.address
}

function paymentOf({ n, op, amount }: CitationsRead['citations'][number], to: string): Payment {
  const [, ask = '', record = ''] = op.split(':')
  return { n, citing: hash('sha256', ask, 'hex'), cited: hash('sha256', record, 'hex'), amount, to }
}

type SignedAt = Signing & { readonly place: Pick<SettlementState, 'place'> }

async function signOrSay(
  lent: Lent,
  treasury: string,
  state: Rest,
  payments: readonly Payment[],
): Promise<SignedAt | { readonly status: 'unasked'; readonly why: string }> {
  try {
    const chain = await chainOf(lent, treasury, state)
    return { ...(await chain.sign(payments)), place: present({ place: chain.place }) }
  } catch (error) {
    return { status: 'unasked', why: problemOf(error).message }
  }
}

/** Finds out what became of the transaction in flight, or sends it again. `next`: ms until the next batch. */
async function land(
  state: Rest,
  flight: Flight,
  effects: Effects,
  lent: Lent,
  next: number,
): Promise<Turn<SettlementState>> {
  const { transaction, payments, at, tries } = flight
  const landing = await effects.run('land', () => lookUpOrSend(lent, effects.self.key, state, transaction), IDEMPOTENT)
  switch (landing.status) {
    case 'landed': {
      const { digest } = transaction
      const units = payments.reduce((sum, { amount }) => sum + BigInt(amount), BigInt(state.units))
      const settled = { ...state, at, paid: state.paid + payments.length, units: `${units}` }
      return {
        ...after(settled, next),
        parts: Object.fromEntries(payments.map(({ n }) => [settledPartName(n), { digest }])),
      }
    }
    case 'failed': {
      const { refused: one, why } = landing
      if (one) return refused(state, payments[one.at]!.n, one.code, next)
      // a transaction that failed costs gas: a person looks before the next one
      return { state: { ...state, problem: why, wakes: 'person' } }
    }
    case 'void':
      return after({ ...state, problem: landing.why }, AGAIN_MS[0])
    case 'unknown': {
      const delay = Math.min(AGAIN_MS[0] * 2 ** tries, AGAIN_MS[1])
      return after({ ...state, flight: { ...flight, tries: tries + 1 }, problem: landing.why }, delay)
    }
  }
}

const refused = (state: Rest, n: number, code: string, next: number): Turn<SettlementState> => ({
  ...after({ ...state, refused: [...(state.refused ?? []), { n, code }].slice(-MAX_REFUSED) }, next),
  parts: { [settledPartName(n)]: { refused: code } satisfies SettledPart },
})

/** The settlement of a treasury, which stays on the chain where it first paid. */
async function chainOf({ settlement }: Lent, treasury: string, { place }: Rest): Promise<LedgerSettlement> {
  const chain = await settlement(treasury)
  if (place === undefined || chain.place === place) return chain
  throw new TerminalError(
    `${treasury} pays at ${place}, and antiphon.yaml names ${chain.place}. Name another treasury.`,
  )
}

/** Asks before it sends: an earlier process may have sent these bytes, and its answer was lost. */
async function lookUpOrSend(
  lent: Lent,
  treasury: string,
  state: Rest,
  transaction: SignedTransaction,
): Promise<Landing> {
  try {
    const chain = await chainOf(lent, treasury, state)
    const known = await chain.statusOf(transaction)
    return known.status === 'unknown' ? await chain.submit(transaction) : known
  } catch (error) {
    // an error says nothing about the transaction
    return { status: 'unknown', why: problemOf(error).message }
  }
}

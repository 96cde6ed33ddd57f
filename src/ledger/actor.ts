/**
 * The ledger: amounts that were minted, one entry for each operation. An entry is a durable event with the hash of the
 * one before. Use `account.ts` to send an operation by the name of an owner.
 */

import { z } from 'zod'
import { problemOf, TerminalError } from '../errors.ts'
import { defineActor } from '../kernel/turn.ts'
import type { Actor, ActorRef, Effects, Turn } from '../kernel/types.ts'
import { MAX_SUPPLY, readAmount, unitsOf } from './amount.ts'
import { type LedgerEntry, NO_HASH, sealed } from './entry.ts'
import { accountSchema, operationSchema } from './operation.ts'
import type { LedgerSettings } from './settings.ts'
import { settlementRef } from './settlement.ts'

/** The one ledger of an application. */
export const LEDGER: ActorRef = { kind: 'ledger', key: 'main' }

/** All messages of the ledger have this correlation id: the name of a thread would stay in its events. */
export const LEDGER_WORK = 'ledger'

/** The cell of the ledger: its last entry, and what all entries minted (base units). */
export type LedgerState = {
  readonly n: number
  readonly hash: string
  readonly minted: string
  /** days since the epoch, and base units minted on that day; absent without a limit for a day */
  readonly day?: number
  readonly today?: string
}

/** An account, in a part of its own. Amounts in base units; `last`: its newest entry. */
export type AccountPart = {
  readonly balance: string
  readonly entries: number
  readonly last: number
  readonly day?: number
  readonly today?: string
}

/** A booked operation, in a part of its own. */
export type OperationPart = Pick<LedgerEntry, 'n' | 'hash' | 'account' | 'amount'>

/** The part of an account. */
export const accountPartName = (account: string): string => `account/${account}`
/** The part of a booked operation. */
export const operationPartName = (op: string): string => `op/${op}`

const message = z.object({ op: operationSchema, account: accountSchema, amount: z.unknown() })
type Book = z.infer<typeof message>

const DAY_MS = 24 * 3_600_000

/**
 * `ledger/main`: books an operation, and replies with its receipt. The same operation again gives the same receipt.
 * Refuses with `bad_amount`, `mint_exceeds_cap`, `daily_cap` or `operation_conflict`; then nothing is booked.
 */
export function ledgerActor({ accountPerDay, allPerDay, settlement }: LedgerSettings = {}): Actor<LedgerState, Book> {
  const limits = [accountPerDay, allPerDay].map((choir) => (choir === undefined ? undefined : unitsOf(choir)))
  return defineActor<LedgerState, Book>({
    kind: LEDGER.kind,
    message,
    initial: () => ({ n: 0, hash: NO_HASH, minted: '0' }),
    async receive(state, asked, effects) {
      try {
        const turn = await book(state, asked, effects, limits)
        if (!settlement || !turn.events || !asked.op.startsWith('citation:')) return turn
        return { ...turn, send: [{ to: settlementRef(settlement.treasury), body: { type: 'booked' } }] }
      } catch (error) {
        // a refusal is an answer: a dead letter would be sent again
        if (error instanceof TerminalError) return { refuse: problemOf(error) }
        throw error
      }
    },
  })
}

async function book(
  state: LedgerState,
  { op, account, amount: given }: Book,
  effects: Effects,
  [accountLimit, allLimit]: readonly (bigint | undefined)[],
): Promise<Turn<LedgerState>> {
  const amount = readAmount(given)
  const names = [operationPartName(op), accountPartName(account)] as const
  const [booked, part] = await Promise.all(names.map((name) => effects.part(name)))
  if (booked) return { reply: receiptOf(op, sameOperation(op, booked as OperationPart, account, `${amount}`)) }
  const minted = BigInt(state.minted) + amount
  if (minted > MAX_SUPPLY) throw exceedsCap(amount, MAX_SUPPLY - BigInt(state.minted))
  const { balance, entries, last, ...old } = (part ?? NEW_ACCOUNT) as AccountPart
  const at = effects.message.createdAt
  const day = Math.floor(at / DAY_MS)
  const entry = sealed({ n: state.n + 1, at, op, account, amount: `${amount}`, before: last, previous: state.hash })
  const { n, hash } = entry
  return {
    state: { n, hash, minted: `${minted}`, ...spent(state, day, amount, allLimit, 'all accounts') },
    parts: {
      [names[0]]: { n, hash, account, amount: entry.amount } satisfies OperationPart,
      [names[1]]: {
        balance: `${BigInt(balance) + amount}`,
        entries: entries + 1,
        last: n,
        ...spent(old, day, amount, accountLimit, account),
      } satisfies AccountPart,
    },
    events: [entry],
    reply: receiptOf(op, entry),
  }
}

const NEW_ACCOUNT: AccountPart = { balance: '0', entries: 0, last: 0 }

const receiptOf = (op: string, { n, hash }: Pick<LedgerEntry, 'n' | 'hash'>) => ({ op, n, hash })

type Spent = Pick<LedgerState, 'day' | 'today'>

/** The sum of a day with this amount; empty without a limit. */
function spent(
  { day, today = '0' }: Spent,
  now: number,
  amount: bigint,
  limit: bigint | undefined,
  whose: string,
): Spent {
  if (limit === undefined) return {}
  // a clock that is set back over midnight starts no day again
  const current = day === now + 1 ? day : now
  const sum = (day === current ? BigInt(today) : 0n) + amount
  if (sum <= limit) return { day: current, today: `${sum}` }
  throw new TerminalError(
    `${whose}: expected at most ${limit} base units on a day (UTC), with this amount it is ${sum}.`,
    {
      code: 'daily_cap',
      hint: 'The limits are accountPerDay and allPerDay under ledger: in antiphon.yaml.',
    },
  )
}

function sameOperation(op: string, booked: OperationPart, account: string, amount: string): OperationPart {
  if (booked.account === account && booked.amount === amount) return booked
  throw new TerminalError(`${op} is booked as entry ${booked.n}, with another amount or account.`, {
    code: 'operation_conflict',
    hint: `antiphon ledger receipt ${op}`,
  })
}

function exceedsCap(amount: bigint, left: bigint): TerminalError {
  return new TerminalError(
    `amount: expected at most ${left} base units, which are left of ${MAX_SUPPLY}, got ${amount}.`,
    {
      code: 'mint_exceeds_cap',
      hint: 'Nothing was booked. The highest supply is fixed.',
    },
  )
}

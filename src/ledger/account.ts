/**
 * Accounts: an owner is known to the ledger by a random id, and this actor alone knows whose id it is. The erasure of
 * an owner ends the actor; the entries stay and name nobody.
 */

import { randomBytes } from 'node:crypto'
import { z } from 'zod'
import { defineActor } from '../kernel/turn.ts'
import type { Actor, ActorRef, Send } from '../kernel/types.ts'
import { LEDGER, LEDGER_WORK } from './actor.ts'
import { citationOperation, noveltyOperation } from './operation.ts'

/** The kind of the actors that know accounts. Their key is the owner. */
export const ACCOUNT_KIND = 'ledger-account'

/** The account of an owner. */
export const accountRef = (owner: string): ActorRef => ({ kind: ACCOUNT_KIND, key: owner })

/** The cell of an account: its random id. */
export type AccountState = { readonly account: string } | null

/**
 * A reward for an owner: what is new in an ask, or a record that an ask cites. `amount` in base units, as a text. The
 * same reward is booked once.
 */
export type Reward =
  | { readonly type: 'novelty'; readonly ask: string; readonly amount: string }
  | { readonly type: 'citation'; readonly ask: string; readonly record: string; readonly amount: string }

/** The message of an owner that has seen the entry of a citation. */
type ReadEntry = { readonly type: 'read'; readonly n: number }

/** The beginning of the names of parts for entries that the owner has seen. */
export const READ = 'read/'
/** The part for an entry that the owner has seen. The names have the order of the numbers. */
export const readPartName = (n: number): string => READ + String(n).padStart(16, '0')

const id = z.string().min(1).max(2000)
/** The schema of a reward. The amount is checked with the cap of the ledger. */
export const rewardSchema = z.discriminatedUnion('type', [
  z.object({ type: z.literal('novelty'), ask: id, amount: z.unknown() }),
  z.object({ type: z.literal('citation'), ask: id, record: id, amount: z.unknown() }),
]) as z.ZodType<Reward>
const readEntry = z.object({ type: z.literal('read'), n: z.int().min(1) })
const message: z.ZodType<Reward | ReadEntry> = z.union([rewardSchema, readEntry])

/** The message that books a reward for an owner; `replyTo` gets the receipt. A cancelled ask does not cancel it. */
export function rewardFor(owner: string, reward: Reward, replyTo?: ActorRef): Send {
  return { to: accountRef(owner), body: reward, correlationId: LEDGER_WORK, ...(replyTo && { replyTo }) }
}

/** `ledger-account/OWNER`: has an id from its first reward on, and passes rewards to the ledger under that id. */
export function accountActor(): Actor<AccountState, Reward | ReadEntry> {
  return defineActor<AccountState, Reward | ReadEntry>({
    kind: ACCOUNT_KIND,
    message,
    initial: () => null,
    async receive(state, reward, effects) {
      if (reward.type === 'read') return { reply: null, ...(state && { parts: { [readPartName(reward.n)]: true } }) }
      const account = state?.account ?? (await effects.run('account', newAccount))
      const op =
        reward.type === 'novelty' ? noveltyOperation(reward.ask, account) : citationOperation(reward.ask, reward.record)
      const { replyTo } = effects.message
      const body = { op, account, amount: reward.amount }
      const send = [{ to: LEDGER, body, correlationId: LEDGER_WORK, ...(replyTo && { replyTo }) }]
      return state ? { send } : { state: { account }, send }
    },
  })
}

const newAccount = () => `acc_${randomBytes(12).toString('base64url')}`

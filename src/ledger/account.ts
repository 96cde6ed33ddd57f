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
import { settlementRef } from './settlement.ts'

/** The kind of the actors that know accounts. Their key is the owner. */
export const ACCOUNT_KIND = 'ledger-account'

/** The account of an owner. */
export const accountRef = (owner: string): ActorRef => ({ kind: ACCOUNT_KIND, key: owner })

/** The cell of an account: its random id, and where its citations are paid if its owner has agreed to that. */
export type AccountState = { readonly account: string; readonly wallet?: Wallet } | null
type Wallet = { readonly treasury: string; readonly address: string }

/**
 * A reward for an owner: what is new in an ask, or a record that an ask cites. `amount` in base units, as a text. The
 * same reward is booked once.
 */
export type Reward =
  | { readonly type: 'novelty'; readonly ask: string; readonly amount: string }
  | { readonly type: 'citation'; readonly ask: string; readonly record: string; readonly amount: string }

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
/** An owner has seen the entry of a citation, or agrees to be paid at an address, or no longer does (null). */
const message = z.union([
  rewardSchema,
  z.object({ type: z.literal('read'), n: z.int().min(1) }),
  z.object({ type: z.literal('address'), treasury: z.string(), address: z.string().nullable() }),
])
type Message = z.infer<typeof message>

/** The message that books a reward for an owner; `replyTo` gets the receipt. A cancelled ask does not cancel it. */
export function rewardFor(owner: string, reward: Reward, replyTo?: ActorRef): Send {
  return { to: accountRef(owner), body: reward, correlationId: LEDGER_WORK, ...(replyTo && { replyTo }) }
}

/** `ledger-account/OWNER`: has an id from its first reward on, and passes rewards to the ledger under that id. */
export function accountActor(): Actor<AccountState, Message> {
  return defineActor<AccountState, Message>({
    kind: ACCOUNT_KIND,
    message,
    initial: () => null,
    async receive(state, reward, effects) {
      if (reward.type === 'read') return { reply: null, ...(state && { parts: { [readPartName(reward.n)]: true } }) }
      const account = state?.account ?? (await effects.run('account', newAccount))
      if (reward.type === 'address') {
        const { treasury, address } = reward
        const wallet = address !== null && { wallet: { treasury, address } }
        const send = [addressFor(account, treasury, address)]
        const old = state?.wallet?.treasury
        // a treasury that antiphon.yaml named before pays nothing more
        if (old !== undefined && old !== treasury) send.push(addressFor(account, old, null))
        return { state: { account, ...wallet }, send, reply: null }
      }
      const op =
        reward.type === 'novelty' ? noveltyOperation(reward.ask, account) : citationOperation(reward.ask, reward.record)
      const { replyTo } = effects.message
      const body = { op, account, amount: reward.amount }
      const send = [{ to: LEDGER, body, correlationId: LEDGER_WORK, ...(replyTo && { replyTo }) }]
      return state ? { send } : { state: { account }, send }
    },
    notice(state, { type }) {
      if (type === 'cancelled') return { stop: true }
      // with the account, its address leaves the settlement
      const isLeft = type === 'stop' && state?.wallet !== undefined
      return isLeft ? { send: [addressFor(state.account, state.wallet.treasury, null)] } : {}
    },
  })
}

function addressFor(account: string, treasury: string, address: string | null): Send {
  return { to: settlementRef(treasury), body: { type: 'address', account, address }, correlationId: LEDGER_WORK }
}

const newAccount = () => `acc_${randomBytes(12).toString('base64url')}`
